# Starter of step_functions mode: takes approved actions and wake-ups from the work queue, and starts an execution for each,
# under a name that a redelivery gives again. It calls no tool, and so it has no token.

module "starter" {
  source = "./function"
  count  = local.is_orchestrated ? 1 : 0

  name                     = "${var.name}-starter"
  role_name                = "${var.name}-${local.region}-starter"
  description              = "Starts an execution for each approved action."
  handler                  = "entrypoints.starter.handler"
  package                  = local.package
  timeout_s                = local.step_timeout_s
  memory_mb                = var.step_memory_mb
  environment              = local.functions_environment
  log_group_arn            = "${local.log_arn}-starter"
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags

  statements = concat(local.taking_work, local.waking_up, local.heading_side_chains, local.using_the_key, [
    {
      sid       = "ReadWhatStands"
      actions   = ["dynamodb:GetItem"]
      resources = concat(local.execution_rows, [local.table_arns["intents"]])
    },
    {
      sid       = "WriteRefusals"
      actions   = ["dynamodb:PutItem"]
      resources = [for it in ["ledger", "outbox"] : local.table_arns[it]]
    },
    {
      sid       = "StartExecutions"
      actions   = ["states:StartExecution"]
      resources = [local.machine_arn]
    },
    {
      sid       = "KnowOwnExecutions"
      actions   = ["states:DescribeExecution"]
      resources = [local.runs_arn]
    },
  ])
}
