# What is wrong with actions, first; what is wrong with machinery, where it would become wrong with actions.
# Names of our own metrics are those of entrypoints/telemetry.py; a test compares them.

locals {
  ours       = { service = var.name }
  every_s    = { quick = 60, calm = 300 }
  queue_dims = { for key, it in local.queue_names : key => { QueueName = it } }

  outcome_alarms = {
    in-doubt = {
      says = "An action has been in doubt for longer than it takes to settle by itself: somebody must look."
      at   = [var.metrics_namespace, "InDoubtAge", "Maximum"], over = var.in_doubt_age_s, dims = local.ours
    }
    stuck = {
      says = "Something is due and nobody does it."
      at   = [var.metrics_namespace, "OverdueAge", "Maximum"], over = var.overdue_age_s, dims = local.ours
    }
    relay-age = {
      says = "A signal was told to nobody yet: downstream does not know how an action ended."
      at   = [var.metrics_namespace, "RelayAge", "Maximum"], over = var.relay_age_s, dims = local.ours
    }
    work-age = {
      says = "Approved actions wait in the queue for too long."
      at   = ["AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"], over = var.work_age_s, dims = local.queue_dims.work
    }
    dead-letters = {
      says = "A message was refused, or given up: each bears its reason."
      at   = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"], over = 0, dims = local.queue_dims.dead_letters
    }
    undelivered = {
      says = "EventBridge could not deliver an event, or a sweep failed."
      at   = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"], over = 0, dims = local.queue_dims.undelivered
    }
    unrelayed = {
      says = "The relay gave up on a stream record; the sweeper publishes its signal."
      at   = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"], over = 0, dims = local.queue_dims.unrelayed
    }
    lost-events = {
      says = "EventBridge could neither deliver an approved action nor keep it: replay it from the archive."
      at   = ["AWS/Events", "InvocationsFailedToBeSentToDlq", "Sum"], over = 0
      dims = { EventBusName = local.bus_name, RuleName = local.rule_name }
    }
  }

  function_alarms = merge(
    { for key, it in local.function_names : "${key}-errors" => {
      says = "The ${key} ended by an exception or ran out of time, which no bad input makes it do."
      at   = ["AWS/Lambda", "Errors", "Sum"], over = 0, dims = { FunctionName = it }
    } if !contains(local.refusing_steps, key) },
    { for key, it in local.function_names : "${key}-throttles" => {
      says = "Lambda did not run the ${key}: the account has too little concurrency."
      at   = ["AWS/Lambda", "Throttles", "Sum"], over = 0, dims = { FunctionName = it }
    } },
  )

  # The steps share two sections of the runbook.
  sections = { for key in keys(local.function_alarms) : key => replace(key, "/^step-.*-/", "step-") }

  every_alarm = merge(local.outcome_alarms, local.execution_alarms, local.ended_alarms, local.function_alarms)
  alarms      = { for key, it in local.every_alarm : key => it if var.has_alarms }
}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:CloudWatch cannot publish through the key that AWS manages; give kms_key_arn. Alarms name no tenant and no action
  count = var.has_alarms ? 1 : 0

  name              = local.topic_name
  kms_master_key_id = var.kms_key_arn
  tags              = var.tags
}

resource "aws_sns_topic_policy" "alarms" {
  count = var.has_alarms ? 1 : 0

  arn = aws_sns_topic.alarms[0].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OurAlarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  count = var.has_alarms && var.alarm_email != null ? 1 : 0

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.says} Runbook: ${var.runbook_url}#${lookup(local.sections, each.key, each.key)}"
  namespace           = each.value.at[0]
  metric_name         = each.value.at[1]
  statistic           = each.value.at[2]
  dimensions          = each.value.dims
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.over
  period              = local.every_s.quick
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
  ok_actions          = [aws_sns_topic.alarms[0].arn]
  tags                = var.tags
}

# Where nothing is measured nothing is wrong, says every other alarm; this one is why that can be believed.
resource "aws_cloudwatch_metric_alarm" "sweeper_silent" {
  count = var.has_alarms ? 1 : 0

  alarm_name          = "${var.name}-sweeper-silent"
  alarm_description   = "The sweeper does not run: nothing is measured, and nobody takes over. Runbook: ${var.runbook_url}#sweeper-silent"
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  statistic           = "Sum"
  dimensions          = { FunctionName = module.sweeper.name }
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60 * max(5, 3 * var.sweep_every_minutes)
  evaluation_periods  = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
  ok_actions          = [aws_sns_topic.alarms[0].arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "failed_ratio" {
  count = var.has_alarms ? 1 : 0

  alarm_name          = "${var.name}-failed-ratio"
  alarm_description   = "More than ${var.failed_percent} % of actions failed. Runbook: ${var.runbook_url}#failed-ratio"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.failed_percent
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
  ok_actions          = [aws_sns_topic.alarms[0].arn]
  tags                = var.tags

  metric_query {
    id          = "ratio"
    label       = "failed, percent"
    expression  = "IF(told >= ${var.failed_least_actions}, 100 * FILL(failed, 0) / told, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { told = local.ours, failed = merge(local.ours, { status = "FAILED" }) }

    content {
      id = metric_query.key

      metric {
        namespace   = var.metrics_namespace
        metric_name = "Actions"
        stat        = "Sum"
        period      = local.every_s.calm
        dimensions  = metric_query.value
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "table_throttled" {
  for_each = var.has_alarms ? local.tables : {}

  alarm_name          = "${var.name}-throttled-${each.key}"
  alarm_description   = "DynamoDB throttles the table ${each.key}: actions wait. Runbook: ${var.runbook_url}#throttled"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
  ok_actions          = [aws_sns_topic.alarms[0].arn]
  tags                = var.tags

  metric_query {
    id          = "throttled"
    label       = "throttled reads and writes"
    expression  = "FILL(reads, 0) + FILL(writes, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { reads = "ReadThrottleEvents", writes = "WriteThrottleEvents" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = metric_query.value
        stat        = "Sum"
        period      = local.every_s.calm
        dimensions  = { TableName = aws_dynamodb_table.this[each.key].name }
      }
    }
  }
}
