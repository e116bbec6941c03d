# An AgentCore gateway, through CloudFormation: version 5 of the provider has no such resource (finding 25).

locals {
  gateway_name      = "${var.name}-gateway"
  gateway_role_name = "${var.name}-${local.region}-gateway"
  gateway_role_arn  = "arn:${local.partition}:iam::${local.account}:role/${local.gateway_role_name}"

  # The proof is checked again by the target; this is who may knock.
  gateway_authorizer = var.gateway_jwt == null ? {} : {
    AuthorizerConfiguration = {
      CustomJWTAuthorizer = merge(
        { DiscoveryUrl = var.gateway_jwt.discovery_url },
        { for key, it in {
          AllowedAudience = var.gateway_jwt.audiences
          AllowedClients  = var.gateway_jwt.clients
          AllowedScopes   = var.gateway_jwt.scopes
        } : key => it if length(it) > 0 },
      )
    }
  }

  gateway_template = {
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "AgentCore gateway ${local.gateway_name} and its targets."
    Resources = merge({
      Gateway = {
        Type = "AWS::BedrockAgentCore::Gateway"
        Properties = merge(
          {
            Name           = local.gateway_name
            Description    = "Tools of ${var.name}."
            RoleArn        = local.gateway_role_arn
            AuthorizerType = var.gateway_authorizer
            ProtocolType   = "MCP"
            ProtocolConfiguration = {
              Mcp = { SupportedVersions = ["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"] }
            }
          },
          local.gateway_authorizer,
          var.kms_key_arn == null ? {} : { KmsKeyArn = var.kms_key_arn },
          length(var.tags) == 0 ? {} : { Tags = var.tags },
        )
      }
    }, local.gateway_target_resources)
    Outputs = {
      GatewayArn = { Value = { "Fn::GetAtt" = ["Gateway", "GatewayArn"] } }
      GatewayUrl = { Value = { "Fn::GetAtt" = ["Gateway", "GatewayUrl"] } }
    }
  }

  gateway_template_body = jsonencode(local.gateway_template)

  # What our own executors may call, once it has an ARN. The functions' own policies stay readable in a plan.
  calling_functions = concat(["sweeper"], local.is_orchestrated ? ["step-invoke", "step-reconcile", "step-compensate", "ended"] : ["consumer"])
}

resource "aws_iam_role" "gateway" {
  count = var.has_gateway ? 1 : 0

  name                 = local.gateway_role_name
  description          = "What the gateway ${local.gateway_name} may do."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "bedrock-agentcore.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:bedrock-agentcore:${local.place}:gateway/*" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "gateway" {
  count = var.has_gateway ? 1 : 0

  name = "least-privilege"
  role = aws_iam_role.gateway[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "InvokeTarget"
        Effect    = "Allow"
        Action    = ["lambda:InvokeFunction"]
        Resource  = [local.gateway_target_arn, "${local.gateway_target_arn}:*"]
        Condition = { StringEquals = { "aws:ResourceAccount" = [local.account] } }
      }],
      [for it in local.using_the_key : { Sid = it.sid, Effect = "Allow", Action = it.actions, Resource = it.resources }],
    )
  })
}

resource "aws_cloudformation_stack" "gateway" {
  #checkov:skip=CKV_AWS_124:Terraform waits for the stack and says what became of it
  count = var.has_gateway ? 1 : 0

  name          = local.gateway_name
  template_body = local.gateway_template_body
  tags          = var.tags

  depends_on = [aws_iam_role_policy.gateway, module.gateway_target]

  lifecycle {
    precondition {
      condition     = length(local.gateway_template_body) <= 51200
      error_message = "The tools of all targets make a template of over 51,200 bytes, which is CloudFormation's bound: name fewer targets."
    }
  }
}

resource "aws_iam_role_policy" "invoke_own_gateway" {
  for_each = var.has_gateway ? toset(local.calling_functions) : toset([])

  name = "invoke-own-gateway"
  role = local.functions[each.key].role_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "InvokeOwnGateway"
      Effect   = "Allow"
      Action   = ["bedrock-agentcore:InvokeGateway"]
      Resource = [aws_cloudformation_stack.gateway[0].outputs["GatewayArn"]]
    }]
  })
}
