# Consumer of direct mode: takes approved actions and wake-ups from the work queue, and carries them out.

module "consumer" {
  source = "./function"
  count  = local.is_orchestrated ? 0 : 1

  name                     = "${var.name}-consumer"
  role_name                = "${var.name}-${local.region}-consumer"
  description              = "Carries out approved actions, each at most once."
  handler                  = "entrypoints.consumer.handler"
  package                  = local.package
  timeout_s                = var.consumer_timeout_s
  memory_mb                = var.consumer_memory_mb
  environment              = local.functions_environment
  log_group_arn            = "${local.log_arn}-consumer"
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
  statements               = concat(local.carrying_out, local.taking_work, local.heading_side_chains)
}

# It had no counterpart once.
moved {
  from = module.consumer
  to   = module.consumer[0]
}
