# Relay: publishes the signals that are put into the outbox, and removes their rows afterwards.

module "relay" {
  source = "./function"

  name                     = "${var.name}-relay"
  role_name                = "${var.name}-${local.region}-relay"
  description              = "Publishes signals from the outbox, at least once."
  handler                  = "entrypoints.relay.handler"
  package                  = local.package
  timeout_s                = var.relay_timeout_s
  memory_mb                = var.relay_memory_mb
  environment              = local.functions_environment
  log_group_arn            = "${local.log_arn}-relay"
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags

  statements = concat(local.publishing_signals, local.using_the_key, [
    {
      sid       = "ReadStream"
      actions   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
      resources = ["${local.table_arns["outbox"]}/stream/*"]
    },
    {
      sid       = "TellOfUnrelayed"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arns.unrelayed]
    },
  ])
}

resource "aws_lambda_event_source_mapping" "outbox" {
  event_source_arn                   = aws_dynamodb_table.this["outbox"].stream_arn
  function_name                      = module.relay.arn
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = 100
  maximum_batching_window_in_seconds = 0
  maximum_retry_attempts             = var.relay_retries
  maximum_record_age_in_seconds      = var.relay_max_age_s
  bisect_batch_on_function_error     = true
  function_response_types            = ["ReportBatchItemFailures"]
  tags                               = var.tags

  # Removing a published row is a record too, and nothing to publish.
  filter_criteria {
    filter {
      pattern = jsonencode({ eventName = ["INSERT"] })
    }
  }

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failed["unrelayed"].arn
    }
  }
}
