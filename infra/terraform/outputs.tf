# For publishers upstream.

output "bus_name" {
  description = "Bus that approved actions are published on, and that signals come out of."
  value       = aws_cloudwatch_event_bus.this.name
}

output "bus_arn" {
  description = "ARN of the bus."
  value       = aws_cloudwatch_event_bus.this.arn
}

output "event_source" {
  description = "Source of every event, in and out."
  value       = var.event_source
}

output "approved_detail_type" {
  description = "Detail-type of an approved action."
  value       = local.approved_type
}

output "signal_detail_types" {
  description = "Detail-types of the signals, for the rules of readers downstream."
  value       = local.signal_types
}

output "publisher_policy" {
  description = "IAM policy (JSON) for a publisher: put approved actions on the bus, and intents into their table."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.publisher_statements })
}

output "intents_table_name" {
  description = "Table that publishers store intents in, if their events do not embed them."
  value       = aws_dynamodb_table.this["intents"].name
}

# For operators.

output "operator_policy" {
  description = "IAM policy (JSON) for operators who use the command line."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.operator_statements })
}

output "environment" {
  description = "Environment of `actonce --target aws`."
  value = merge({
    ACTONCE_TARGET                    = "aws"
    ACTONCE_AWS_REGION                = local.region
    ACTONCE_EGRESS_HOSTS              = local.egress_hosts
    ACTONCE_EVENTS_SOURCE             = var.event_source
    ACTONCE_UNKNOWN_TENANTS           = var.unknown_tenants
    ACTONCE_AWS_TABLE_PREFIX          = local.table_prefix
    ACTONCE_AWS_QUEUE_URL             = aws_sqs_queue.work.url
    ACTONCE_AWS_DEAD_LETTER_QUEUE_URL = aws_sqs_queue.failed["dead_letters"].url
    ACTONCE_AWS_BUS_NAME              = aws_cloudwatch_event_bus.this.name
    ACTONCE_AWS_ARTIFACTS_BUCKET      = aws_s3_bucket.artifacts.bucket
  }, local.sealing_environment, { for it in aws_cloudwatch_event_archive.approved[*] : "ACTONCE_AWS_ARCHIVE" => it.name }, { for it in aws_sfn_state_machine.execution[*] : "ACTONCE_AWS_STATE_MACHINE_ARN" => it.arn })
}

output "table_prefix" {
  description = "What the name of every table begins with."
  value       = local.table_prefix
}

output "table_names" {
  description = "Name of every table, by its name in the design."
  value       = { for key, it in aws_dynamodb_table.this : key => it.name }
}

output "queue_urls" {
  description = "URLs of the work queue, of the queues of what failed and, in step_functions mode, of the queue of ended executions."
  value = merge(
    { work = aws_sqs_queue.work.url },
    { for key, it in aws_sqs_queue.failed : key => it.url },
    { for it in aws_sqs_queue.ended[*] : "ended" => it.url },
  )
}

output "artifacts_bucket" {
  description = "Bucket of large responses."
  value       = aws_s3_bucket.artifacts.bucket
}

output "heads_bucket" {
  description = "Bucket of the signed heads of the ledger; null where it is not sealed."
  value       = one(aws_s3_bucket.heads[*].bucket)
}

output "function_names" {
  description = "Names of the functions, by what they end with."
  value       = local.function_names
}

output "log_group_names" {
  description = "Log groups of the functions, of the requests to the API and, in step_functions mode, of the state machine."
  value = merge(
    { for key, it in local.functions : key => it.log_group_name },
    { for it in aws_cloudwatch_log_group.execution[*] : "execution" => it.name },
    { for it in aws_cloudwatch_log_group.api_access[*] : "api-access" => it.name },
  )
}

output "state_machine_arn" {
  description = "ARN of the state machine; null in direct mode."
  value       = one(aws_sfn_state_machine.execution[*].arn)
}

output "gateway_arn" {
  description = "ARN of the AgentCore gateway; null where there is none."
  value       = one(aws_cloudformation_stack.gateway[*].outputs["GatewayArn"])
}

output "gateway_url" {
  description = "URL of the AgentCore gateway, for MCP clients; null where there is none."
  value       = one(aws_cloudformation_stack.gateway[*].outputs["GatewayUrl"])
}

output "api_url" {
  description = "Address of the operators' HTTP API; null where there is none."
  value       = one(aws_apigatewayv2_api.this[*].api_endpoint)
}

output "console_url" {
  description = "Address of the operators' page; null where there is none."
  value       = one([for it in aws_apigatewayv2_api.this : "${it.api_endpoint}/console"])
}

output "user_pool_id" {
  description = "The user pool whose tokens the API takes; null where the tokens are another issuer's."
  value       = one(aws_cognito_user_pool.operators[*].id)
}

output "client_id" {
  description = "The client of that user pool, which is the audience of its tokens; null likewise."
  value       = one(aws_cognito_user_pool_client.api[*].id)
}

output "alarm_topic_arn" {
  description = "Topic that alarms go to; null where there are none."
  value       = one(aws_sns_topic.alarms[*].arn)
}

output "dashboard_url" {
  description = "Where operators look; null where there is no dashboard."
  value       = one([for it in aws_cloudwatch_dashboard.this : "https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#dashboards/dashboard/${it.dashboard_name}"])
}
