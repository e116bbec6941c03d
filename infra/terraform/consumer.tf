# Consumer: takes approved actions and wake-ups from the work queue, and carries them out.

module "consumer" {
  source = "./function"

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

  statements = concat(local.carrying_out, [
    {
      sid       = "TakeWork"
      actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      resources = [local.queue_arns.work]
    },
    {
      sid       = "BuryWithReason"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arns.dead_letters]
    },
    {
      sid       = "StoreEmbeddedIntents"
      actions   = ["dynamodb:PutItem"]
      resources = [local.table_arns["intents"]]
    },
    {
      sid       = "HeadOfSideChain"
      actions   = ["dynamodb:Query"]
      resources = [local.table_arns["ledger"]]
    },
  ])
}

resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn        = aws_sqs_queue.work.arn
  function_name           = module.consumer.arn
  batch_size              = var.batch_size
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  # What comes above this waits in the queue; a reserved concurrency would receive it in vain instead.
  scaling_config {
    maximum_concurrency = var.consumer_max_concurrency
  }
}
