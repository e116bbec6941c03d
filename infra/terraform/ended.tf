# Executions of the state machine that did not end by themselves: somebody stopped one, its day was over, or its outcome could
# not be recorded. A rule brings them to a function that settles what is left, or says that nobody knows.
# EventBridge hears of them by best effort; the sweeper comes by the rest.

module "ended" {
  source = "./function"
  count  = local.is_orchestrated ? 1 : 0

  name                     = "${var.name}-ended"
  role_name                = "${var.name}-${local.region}-ended"
  description              = "Settles what an execution left that did not end by itself."
  handler                  = "entrypoints.ended.handler"
  package                  = local.package
  timeout_s                = var.step_call_timeout_s
  memory_mb                = var.step_memory_mb
  environment              = local.functions_environment
  log_group_arn            = "${local.log_arn}-ended"
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags

  statements = concat(local.heading_side_chains, local.tokens_of_connectors, local.invoking_gateways, local.using_the_key, [
    {
      sid       = "ReadWhatStands"
      actions   = ["dynamodb:GetItem"]
      resources = concat(local.execution_rows, [for it in ["intents", "internal-objects"] : local.table_arns[it]])
    },
    {
      sid       = "WriteWhatHappens"
      actions   = ["dynamodb:PutItem"]
      resources = concat(local.execution_rows, [for it in ["ledger", "outbox"] : local.table_arns[it]])
    },
    {
      # With a key of one's own an event does not say what its execution was asked for.
      sid       = "KnowOwnExecutions"
      actions   = ["states:DescribeExecution"]
      resources = [local.runs_arn]
    },
    {
      sid       = "TakeEnded"
      actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      resources = [for key, it in local.queue_arns : it if key == "ended"]
    },
    {
      sid       = "BuryWithReason"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arns.dead_letters]
    },
  ])
}

resource "aws_sqs_queue" "ended" {
  #checkov:skip=CKV_AWS_27:with kms_key_arn the key is yours, without it SQS's own; either way a queue is encrypted
  count = local.is_orchestrated ? 1 : 0

  name                       = local.queue_names.ended
  visibility_timeout_seconds = 6 * var.step_call_timeout_s
  message_retention_seconds  = local.fourteen_days_s
  receive_wait_time_seconds  = 20
  kms_master_key_id          = var.kms_key_arn
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  policy                     = local.queue_policies.ended
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed["dead_letters"].arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_cloudwatch_event_rule" "ended" {
  count = local.is_orchestrated ? 1 : 0

  name        = local.ended_name
  description = "Executions that did not end by themselves are settled."
  tags        = var.tags

  event_pattern = jsonencode({
    source        = ["aws.states"]
    "detail-type" = ["Step Functions Execution Status Change"]
    detail        = { stateMachineArn = [local.machine_arn], status = ["ABORTED", "FAILED", "TIMED_OUT"] }
  })
}

resource "aws_cloudwatch_event_target" "ended" {
  count = local.is_orchestrated ? 1 : 0

  rule      = aws_cloudwatch_event_rule.ended[0].name
  target_id = "ended"
  arn       = aws_sqs_queue.ended[0].arn

  dead_letter_config {
    arn = aws_sqs_queue.failed["undelivered"].arn
  }

  retry_policy {
    maximum_event_age_in_seconds = var.delivery_max_age_s
    maximum_retry_attempts       = 185
  }
}

resource "aws_lambda_event_source_mapping" "ended" {
  count = local.is_orchestrated ? 1 : 0

  event_source_arn        = aws_sqs_queue.ended[0].arn
  function_name           = module.ended[0].arn
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  # A look-up may take as long as an invocation may, so each has one of its own.
  batch_size = 1

  scaling_config {
    maximum_concurrency = var.consumer_max_concurrency
  }
}
