# Is the ledger still sealed? Both are silent while nothing is wrong, and neither is quiet because nothing is measured.

resource "aws_cloudwatch_metric_alarm" "sealing_late" {
  count = var.has_alarms ? length(local.sealing) : 0

  alarm_name          = "${var.name}-sealing-late"
  alarm_description   = "A day of the ledger should be sealed for long and is not. Runbook: ${var.runbook_url}#sealing-late"
  namespace           = var.metrics_namespace
  metric_name         = "UnsealedAge"
  statistic           = "Maximum"
  dimensions          = local.ours
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.unsealed_age_s
  period              = local.every_s.quick
  evaluation_periods  = 1
  # It is measured twice a day; in between what was last said holds.
  treat_missing_data = "ignore"
  alarm_actions      = [aws_sns_topic.alarms[0].arn]
  ok_actions         = [aws_sns_topic.alarms[0].arn]
  tags               = var.tags
}

resource "aws_cloudwatch_metric_alarm" "sealer_silent" {
  count = var.has_alarms ? length(local.sealing) : 0

  alarm_name          = "${var.name}-sealer-silent"
  alarm_description   = "The sealer did not run for a day: nothing is sealed. Runbook: ${var.runbook_url}#sealer-silent"
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  statistic           = "Sum"
  dimensions          = { FunctionName = module.sealer[0].name }
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 86400
  evaluation_periods  = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
  ok_actions          = [aws_sns_topic.alarms[0].arn]
  tags                = var.tags
}
