# The target behind the gateway: one function that offers the tools of the connectors which it is told of.

locals {
  gateway_target_name = "${var.name}-gateway-target"
  gateway_target_arn  = "arn:${local.partition}:lambda:${local.place}:function:${local.gateway_target_name}"

  gateway_tools_folder = coalesce(var.gateway_tools_folder, "${path.module}/gateway_tools")

  # A target's name has no underscore: with three of them the gateway sets the tool's name apart.
  gateway_target_resources = {
    for it in var.gateway_targets : "Target${join("", [for word in split("_", it) : title(word)])}" => {
      Type = "AWS::BedrockAgentCore::GatewayTarget"
      Properties = {
        GatewayIdentifier = { "Fn::GetAtt" = ["Gateway", "GatewayIdentifier"] }
        Name              = replace(it, "_", "-")
        Description       = "The tools that begin with ${it}."
        TargetConfiguration = {
          Mcp = {
            Lambda = {
              LambdaArn  = local.gateway_target_arn
              ToolSchema = { InlinePayload = jsondecode(file("${local.gateway_tools_folder}/${it}.json")) }
            }
          }
        }
        CredentialProviderConfigurations = [{ CredentialProviderType = "GATEWAY_IAM_ROLE" }]
      }
    }
  }

  gateway_connectors = { for name, it in var.gateway_connectors : name => { for key, value in it : key => value if value != null } }

  gateway_secret_ids = distinct(compact(flatten([var.gateway_proof_secret, [for it in var.gateway_connectors : [
    try(it.token_secret, null),
    try(it.proof_secret.secret, null),
    [for name in local.secret_names : try(it.auth[name].secret, null)],
  ]]])))
  gateway_secret_arns = [for it in local.gateway_secret_ids : startswith(it, "arn:") ? it : "${local.secret_arn}:${it}-??????"]

  gateway_target_environment = merge(
    {
      ACTONCE_TARGET           = "aws"
      ACTONCE_AWS_TABLE_PREFIX = local.table_prefix
      ACTONCE_CONNECTORS       = jsonencode(local.gateway_connectors)
      ACTONCE_EGRESS_HOSTS     = join(",", var.egress_hosts)
      ACTONCE_GATEWAY_TARGET = jsonencode({
        proof_secret = { secret = var.gateway_proof_secret }
        effects      = var.gateway_effects
      })
      POWERTOOLS_LOG_LEVEL         = var.log_level
      POWERTOOLS_METRICS_NAMESPACE = var.metrics_namespace
      POWERTOOLS_SERVICE_NAME      = var.name
    },
    var.endpoint_url == null ? {} : { ACTONCE_AWS_ENDPOINT_URL = var.endpoint_url },
  )
}

module "gateway_target" {
  source = "./function"
  count  = var.has_gateway ? 1 : 0

  name                     = local.gateway_target_name
  role_name                = "${var.name}-${local.region}-gateway-target"
  description              = "Offers tools behind the gateway, and calls each effect at most once."
  handler                  = "entrypoints.gateway_target.handler"
  package                  = local.package
  timeout_s                = var.gateway_target_timeout_s
  memory_mb                = var.gateway_target_memory_mb
  log_group_arn            = "${local.log_arn}-gateway-target"
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
  environment              = local.gateway_target_environment

  statements = concat(
    [
      {
        sid        = "KeepRecords"
        actions    = ["dynamodb:GetItem", "dynamodb:PutItem"]
        resources  = [for it in ["external-write-dedupe", "internal-objects"] : local.table_arns[it]]
        conditions = {}
      },
      {
        sid        = "UndoInternalObjects"
        actions    = ["dynamodb:DeleteItem"]
        resources  = [local.table_arns["internal-objects"]]
        conditions = {}
      },
      {
        sid        = "KeysAndTokens"
        actions    = ["secretsmanager:GetSecretValue"]
        resources  = local.gateway_secret_arns
        conditions = {}
      },
    ],
    local.using_the_key,
  )
}
