# The operators' HTTP API: a function behind API Gateway, which lets nobody through to it whose token it has not verified
# (api_auth.tf), but to what is the same for everybody. docs/api.md has the routes.

locals {
  api      = var.has_api ? [true] : []
  api_name = "${var.name}-api"

  paging_secret     = coalesce(var.paging_secret, "${var.name}/paging")
  paging_secret_arn = startswith(local.paging_secret, "arn:") ? local.paging_secret : "${local.secret_arn}:${local.paging_secret}-??????"

  # Nothing is read from a store for these. A route that nobody thought of is behind the authorizer.
  api_open_routes    = ["GET /", "GET /console", "GET /console/{file+}", "GET /console/sign-in.json", "GET /health", "GET /openapi.json"]
  api_guarded_routes = ["$default"]

  # It calls no tool, so it is told of no connector.
  api_environment = merge(concat(
    [
      { for key, value in local.functions_environment : key => value if !contains(["ACTONCE_CONNECTORS", "ACTONCE_EGRESS_HOSTS"], key) },
      { ACTONCE_AWS_PAGING_SECRET = local.paging_secret },
    ],
    [for it in local.sign_in : {
      ACTONCE_API_SIGN_IN_AUTHORIZE_URL = it.authorize_url
      ACTONCE_API_SIGN_IN_TOKEN_URL     = it.token_url
      ACTONCE_API_SIGN_IN_CLIENT_ID     = it.client_id
      ACTONCE_API_SIGN_IN_SCOPES        = it.scopes
    }],
  )...)

  # No path and no query: they bear ids and tokens of pages. The function's own log names the route.
  api_access_log = {
    request_id  = "$context.requestId"
    at          = "$context.requestTime"
    method      = "$context.httpMethod"
    route       = "$context.routeKey"
    status      = "$context.status"
    bytes       = "$context.responseLength"
    latency_ms  = "$context.responseLatency"
    function_ms = "$context.integrationLatency"
    function    = "$context.integration.status"
    source_ip   = "$context.identity.sourceIp"
    subject     = "$context.authorizer.claims.sub"
  }
}

module "api" {
  source = "./function"
  count  = length(local.api)

  name                     = local.api_name
  role_name                = "${var.name}-${local.region}-api"
  description              = "Answers operators, and does their acts."
  handler                  = "entrypoints.api.function.handler"
  package                  = local.package
  timeout_s                = var.api_timeout_s
  memory_mb                = var.api_memory_mb
  environment              = local.api_environment
  log_group_arn            = "${local.log_arn}-api"
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags

  statements = concat(local.waking_up, local.using_the_key, [
    {
      # The row of a switch is read before it is turned.
      sid       = "ReadWhatStands"
      actions   = ["dynamodb:GetItem"]
      resources = concat(local.execution_rows, [for it in ["intents", "action-type-registry", "tenants"] : local.table_arns[it]])
    },
    {
      sid       = "List"
      actions   = ["dynamodb:Query"]
      resources = concat([local.table_arns["ledger"]], [for it in ["by_account", "by_tenant", "parked"] : "${local.table_arns["attempts"]}/index/${it}"])
    },
    {
      sid       = "ReadSwitches"
      actions   = ["dynamodb:BatchGetItem"]
      resources = [local.table_arns["tenants"]]
    },
    {
      sid       = "ListRegistry"
      actions   = ["dynamodb:Scan"]
      resources = [local.table_arns["action-type-registry"]]
    },
    {
      sid       = "Act"
      actions   = ["dynamodb:PutItem"]
      resources = concat(local.execution_rows, [for it in ["ledger", "outbox"] : local.table_arns[it]])
    },
    {
      sid       = "Switch"
      actions   = ["dynamodb:UpdateItem"]
      resources = [local.table_arns["tenants"]]
    },
    {
      sid       = "KeyOfPages"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [local.paging_secret_arn]
    },
    ], [for arn in local.is_orchestrated ? [local.runs_arn] : [] : {
      sid       = "StopWhatWasCancelled"
      actions   = ["states:StopExecution"]
      resources = [arn]
  }])
}

resource "aws_apigatewayv2_api" "this" {
  count = length(local.api)

  name          = local.api_name
  description   = "What operators of ${var.name} see and do."
  protocol_type = "HTTP"
  tags          = var.tags
}

resource "aws_apigatewayv2_integration" "api" {
  count = length(local.api)

  api_id                 = aws_apigatewayv2_api.this[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = module.api[0].arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 1000 * min(var.api_timeout_s + 1, 30)
}

resource "aws_apigatewayv2_route" "open" {
  #checkov:skip=CKV_AWS_309:health, description and page are the same for everybody, and nothing is read for them
  for_each = toset(var.has_api ? local.api_open_routes : [])

  api_id             = aws_apigatewayv2_api.this[0].id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.api[0].id}"
  authorization_type = "NONE"
}

resource "aws_apigatewayv2_route" "guarded" {
  for_each = toset(var.has_api ? local.api_guarded_routes : [])

  api_id             = aws_apigatewayv2_api.this[0].id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.api[0].id}"
  authorization_type = "JWT"
  authorizer_id      = aws_apigatewayv2_authorizer.tokens[0].id
}

resource "aws_apigatewayv2_stage" "api" {
  count = length(local.api)

  api_id      = aws_apigatewayv2_api.this[0].id
  name        = "$default"
  auto_deploy = true
  tags        = var.tags

  default_route_settings {
    throttling_burst_limit = var.api_burst_limit
    throttling_rate_limit  = var.api_rate_limit
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api_access[0].arn
    format          = jsonencode(local.api_access_log)
  }
}

resource "aws_cloudwatch_log_group" "api_access" {
  count = length(local.api)

  name              = "/aws/vendedlogs/apis/${local.api_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_permission" "api" {
  count = length(local.api)

  statement_id  = "OurApi"
  action        = "lambda:InvokeFunction"
  function_name = module.api[0].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this[0].execution_arn}/*"
}
