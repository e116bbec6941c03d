# Sweeper: takes over what dead workers left, settles doubt, publishes signals that the stream lost, and measures age.

module "sweeper" {
  source = "./function"

  name                     = "${var.name}-sweeper"
  role_name                = "${var.name}-${local.region}-sweeper"
  description              = "Settles what others left, and publishes what was not."
  handler                  = "entrypoints.sweeper.handler"
  package                  = local.package
  timeout_s                = var.sweeper_timeout_s
  memory_mb                = var.sweeper_memory_mb
  environment              = local.functions_environment
  log_group_arn            = "${local.log_arn}-sweeper"
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags

  statements = concat(local.carrying_out, local.publishing_signals, [
    {
      sid       = "FindWhatIsDue"
      actions   = ["dynamodb:Query"]
      resources = [for it in ["due", "parked"] : "${local.table_arns["attempts"]}/index/${it}"]
    },
    {
      sid       = "FindUnpublished"
      actions   = ["dynamodb:Scan"]
      resources = [local.table_arns["outbox"]]
    },
    {
      sid       = "CountDeadLetters"
      actions   = ["sqs:GetQueueAttributes"]
      resources = [local.queue_arns.dead_letters]
    },
    {
      sid       = "TellOfFailedSweeps"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arns.undelivered]
    },
  ])
}

resource "aws_cloudwatch_event_rule" "sweep" {
  name                = local.sweep_name
  description         = "The sweeper looks every ${var.sweep_every_minutes} min."
  schedule_expression = var.sweep_every_minutes == 1 ? "rate(1 minute)" : "rate(${var.sweep_every_minutes} minutes)"
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "sweep" {
  rule      = aws_cloudwatch_event_rule.sweep.name
  target_id = "sweeper"
  arn       = module.sweeper.arn

  dead_letter_config {
    arn = aws_sqs_queue.failed["undelivered"].arn
  }

  # The next sweep comes by soon; an old one is worth nothing.
  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 2
  }
}

resource "aws_lambda_permission" "sweep" {
  statement_id  = "OurSchedule"
  action        = "lambda:InvokeFunction"
  function_name = module.sweeper.name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.sweep.arn
}

# EventBridge only hands over: what fails afterwards is seen here, and nowhere else.
resource "aws_lambda_function_event_invoke_config" "sweeper" {
  function_name                = module.sweeper.name
  maximum_event_age_in_seconds = 60
  maximum_retry_attempts       = 0

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed["undelivered"].arn
    }
  }
}
