# One page for operators: how actions ended, what waits, what failed, and how the functions are.

locals {
  statuses = ["SUCCEEDED", "FAILED", "CANCELLED", "IN_DOUBT"]

  execution_charts = [for arn in local.is_orchestrated ? [local.machine_arn] : [] : {
    title = "Executions of the state machine", stat = "Sum"
    lines = [
      for it in ["Started", "Succeeded", "Failed", "TimedOut", "Aborted"] : ["AWS/States", "Executions${it}", "StateMachineArn", arn]
    ]
  }]

  charts = concat(local.execution_charts, [
    {
      title = "Outcomes", stat = "Sum"
      lines = [for it in local.statuses : [var.metrics_namespace, "Actions", "service", var.name, "status", it]]
    },
    {
      title = "In doubt: how many", stat = "Maximum"
      lines = [[var.metrics_namespace, "InDoubt", "service", var.name]]
    },
    {
      title = "Age of the oldest, in seconds", stat = "Maximum"
      lines = concat(
        [for it in ["InDoubtAge", "OverdueAge", "RelayAge"] : [var.metrics_namespace, it, "service", var.name]],
        [for key in setsubtract(keys(local.queue_names), local.failure_queues) : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.queue_names[key]]],
      )
    },
    {
      title = "What failed waits here", stat = "Maximum"
      lines = [for key in local.failure_queues : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", local.queue_names[key]]]
    },
    {
      title = "Signals", stat = "Sum"
      lines = [for it in ["SignalsPublished", "SignalsFailed"] : [var.metrics_namespace, it, "service", var.name]]
    },
    {
      title = "Second writes avoided, and refusals by a switch", stat = "Sum"
      lines = concat(
        [for it in ["CLAIM", "READ_BACK", "KEY_REPLAY"] : [var.metrics_namespace, "DuplicatesAvoided", "service", var.name, "by", it]],
        [[var.metrics_namespace, "SwitchRefusals", "service", var.name]],
      )
    },
    {
      title = "Errors and throttles of the functions", stat = "Sum"
      lines = [for pair in setproduct(["Errors", "Throttles"], values(local.function_names)) : ["AWS/Lambda", pair[0], "FunctionName", pair[1]]]
    },
    {
      title = "Duration of the functions, in milliseconds", stat = "p99"
      lines = [for it in values(local.function_names) : ["AWS/Lambda", "Duration", "FunctionName", it]]
    },
  ])
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.has_dashboard ? 1 : 0

  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [for place, it in local.charts : {
        type   = "metric"
        x      = 12 * (place % 2)
        y      = 6 * floor(place / 2)
        width  = 12
        height = 6
        properties = {
          title   = it.title
          region  = local.region
          period  = 60
          stat    = it.stat
          metrics = it.lines
        }
      }],
      [{
        type   = "metric"
        x      = 0
        y      = 6 * ceil(length(local.charts) / 2)
        width  = 24
        height = 6
        properties = {
          title   = "Latency of tools, p99 in milliseconds"
          region  = local.region
          metrics = [[{ expression = "SEARCH('{${var.metrics_namespace},service,tool} MetricName=\"ToolLatency\" service=\"${var.name}\"', 'p99', 60)" }]]
        }
      }],
    )
  })
}
