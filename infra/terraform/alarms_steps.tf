# What is wrong with the state machine and its steps. A step that refuses raises by name, so that the machine can tell one
# refusal from another, and Lambda counts each as an error: of these steps it is told when most of their calls end so.

locals {
  refusing_steps = ["step-start", "step-validate", "step-map-tool"]

  execution_alarms = { for key, it in {
    executions-failed = {
      says   = "An execution could not record its outcome; what is left is being settled."
      metric = "ExecutionsFailed"
    }
    executions-timed-out = {
      says   = "An execution did not end within its day; what is left is being settled."
      metric = "ExecutionsTimedOut"
    }
    executions-aborted = {
      says   = "Somebody stopped an execution; what is left is being settled."
      metric = "ExecutionsAborted"
    }
    } : key => {
    says = it.says, at = ["AWS/States", it.metric, "Sum"], over = 0, dims = { StateMachineArn = local.machine_arn }
  } if local.is_orchestrated }

  ended_alarms = { for name in local.is_orchestrated ? [local.queue_names.ended] : [] : "ended-age" => {
    says = "An execution that did not end by itself waits to be settled."
    at   = ["AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"], over = var.ended_age_s, dims = { QueueName = name }
  } }
}

resource "aws_cloudwatch_metric_alarm" "step_errors" {
  for_each = { for key, it in local.function_names : key => it if var.has_alarms && contains(local.refusing_steps, key) }

  alarm_name          = "${var.name}-${each.key}-errors"
  alarm_description   = "Most calls of the ${each.key} end by an exception: more than refusals explain. Runbook: ${var.runbook_url}#step-errors"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 50
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
  ok_actions          = [aws_sns_topic.alarms[0].arn]
  tags                = var.tags

  metric_query {
    id          = "ratio"
    label       = "ended by an exception, percent"
    expression  = "IF(calls >= ${var.failed_least_actions}, 100 * FILL(errors, 0) / calls, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { calls = "Invocations", errors = "Errors" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/Lambda"
        metric_name = metric_query.value
        stat        = "Sum"
        period      = local.every_s.calm
        dimensions  = { FunctionName = each.value }
      }
    }
  }
}
