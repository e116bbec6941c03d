# Approved actions come in on a bus of our own, and signals leave on it.

locals {
  approved_type   = "ACTION_APPROVED"
  signal_types    = ["ACTION_EXECUTED", "ACTION_FAILED", "ACTION_IN_DOUBT", "ACTION_REFUSED", "ACTION_UNDONE"]
  approved_events = jsonencode({ source = [var.event_source], "detail-type" = [local.approved_type] })
}

resource "aws_cloudwatch_event_bus" "this" {
  name        = local.bus_name
  description = "Approved actions in, signals out."
  tags        = var.tags
}

resource "aws_cloudwatch_event_bus_policy" "publishers" {
  count = length(var.publisher_account_ids) > 0 ? 1 : 0

  event_bus_name = aws_cloudwatch_event_bus.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OtherAccountsPublish"
      Effect    = "Allow"
      Principal = { AWS = [for it in var.publisher_account_ids : "arn:${local.partition}:iam::${it}:root"] }
      Action    = "events:PutEvents"
      Resource  = local.bus_arn
      Condition = { StringEquals = local.publishing_condition }
    }]
  })
}

resource "aws_cloudwatch_event_rule" "approved" {
  name           = local.rule_name
  description    = "Approved actions go to the work queue."
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern  = local.approved_events
  tags           = var.tags
}

resource "aws_cloudwatch_event_target" "work" {
  rule           = aws_cloudwatch_event_rule.approved.name
  event_bus_name = aws_cloudwatch_event_bus.this.name
  target_id      = "work"
  arn            = aws_sqs_queue.work.arn

  dead_letter_config {
    arn = aws_sqs_queue.failed["undelivered"].arn
  }

  retry_policy {
    maximum_event_age_in_seconds = var.delivery_max_age_s
    maximum_retry_attempts       = 185
  }
}

resource "aws_cloudwatch_event_archive" "approved" {
  count = var.has_archive ? 1 : 0

  name             = local.archive_name
  description      = "Approved actions, to be replayed after a disaster; what is done is not done again."
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  event_pattern    = local.approved_events
  retention_days   = var.archive_retention_days
}
