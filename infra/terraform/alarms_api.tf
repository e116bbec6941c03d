# Does the API answer? What its function ends by is told as of every function; an answer of 500 or 503 is not an end of it.

resource "aws_cloudwatch_metric_alarm" "api_5xx" {
  count = var.has_alarms ? length(local.api) : 0

  alarm_name          = "${local.api_name}-5xx"
  alarm_description   = "The API answered more than ${var.api_5xx_most} requests by a fault within five minutes. Runbook: ${var.runbook_url}#api-5xx"
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  statistic           = "Sum"
  dimensions          = { ApiId = aws_apigatewayv2_api.this[0].id, Stage = aws_apigatewayv2_stage.api[0].name }
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.api_5xx_most
  period              = local.every_s.calm
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
  ok_actions          = [aws_sns_topic.alarms[0].arn]
  tags                = var.tags
}
