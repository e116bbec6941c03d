# The steps of step_functions mode: a function for each task of the state machine. What it reads, what it writes and what more
# it may do is said here, table by table; the two that call a tool have the rights of calling. None sends to a queue.

locals {
  # Above it the state machine gives a step up: TimeoutSeconds of its tasks.
  step_timeout_s = 60

  execution_tables = ["attempts", "outcomes", "external-write-dedupe"]

  steps = {
    start = {
      handler     = "entrypoints.steps.start"
      description = "Claims the intent for an execution."
      timeout_s   = local.step_timeout_s
      reads       = concat(local.execution_tables, ["intents"])
      writes      = ["attempts", "ledger", "outbox"]
      more        = local.heading_side_chains
    }
    validate = {
      handler     = "entrypoints.steps.validate"
      description = "Looks whether an action may be carried out as it stands."
      timeout_s   = local.step_timeout_s
      reads       = ["intents", "action-type-registry"]
      writes      = []
      more        = [for it in local.calling_tools : it if it.sid == "ReadSwitches"]
    }
    map_tool = {
      handler     = "entrypoints.steps.map_tool"
      description = "Maps an action to the arguments of its tool."
      timeout_s   = local.step_timeout_s
      reads       = ["intents", "action-type-registry"]
      writes      = []
      more        = []
    }
    invoke = {
      handler     = "entrypoints.steps.invoke"
      description = "Calls the tool of an action, once, and settles its answer."
      timeout_s   = var.step_call_timeout_s
      reads       = []
      writes      = []
      more        = local.calling_tools
    }
    reconcile = {
      handler     = "entrypoints.steps.reconcile"
      description = "Settles doubt by looking, and sends nothing."
      timeout_s   = var.step_call_timeout_s
      reads       = concat(local.execution_tables, ["internal-objects"])
      writes      = concat(local.execution_tables, ["ledger", "outbox"])
      more        = concat(local.tokens_of_connectors, local.invoking_gateways)
    }
    compensate = {
      handler     = "entrypoints.steps.compensate"
      description = "Calls the tool that removes what is proved written, once."
      timeout_s   = var.step_call_timeout_s
      reads       = []
      writes      = []
      more        = local.calling_tools
    }
    record = {
      handler     = "entrypoints.steps.record"
      description = "Records why an action was not carried out, or tells what is recorded."
      timeout_s   = local.step_timeout_s
      reads       = concat(local.execution_tables, ["intents"])
      writes      = ["attempts", "outcomes", "ledger", "outbox"]
      more        = local.heading_side_chains
    }
  }

  # The key is among the rights of calling already.
  step_statements = {
    for key, it in local.steps : key => concat(
      [for tables in [it.reads] : {
        sid        = "ReadWhatStands"
        actions    = ["dynamodb:GetItem"]
        resources  = [for table in tables : local.table_arns[table]]
        conditions = {}
      } if length(tables) > 0],
      [for tables in [it.writes] : {
        sid        = "WriteWhatHappens"
        actions    = ["dynamodb:PutItem"]
        resources  = [for table in tables : local.table_arns[table]]
        conditions = {}
      } if length(tables) > 0],
      it.more,
      length(it.reads) > 0 ? local.using_the_key : [],
    )
  }
}

module "step" {
  source   = "./function"
  for_each = { for key, it in local.steps : key => it if local.is_orchestrated }

  name                     = local.step_names[each.key]
  role_name                = "${var.name}-${local.region}-step-${replace(each.key, "_", "-")}"
  description              = each.value.description
  handler                  = each.value.handler
  package                  = local.package
  timeout_s                = each.value.timeout_s
  memory_mb                = var.step_memory_mb
  environment              = local.functions_environment
  log_group_arn            = "${local.log_arn}-step-${replace(each.key, "_", "-")}"
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
  statements               = local.step_statements[each.key]
}
