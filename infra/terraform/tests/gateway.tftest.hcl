# The gateway, and what is told to whom about it. tests/infra/test_gateway.py reads the template itself.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

override_resource {
  target          = aws_cloudformation_stack.gateway[0]
  override_during = plan
  values = {
    outputs = {
      GatewayArn = "arn:aws:bedrock-agentcore:eu-west-1:111122223333:gateway/actonce-gateway-0123456789"
      GatewayUrl = "https://actonce-gateway-0123456789.gateway.bedrock-agentcore.eu-west-1.amazonaws.com/mcp"
    }
  }
}

variables {
  package_path         = "versions.tf"
  has_gateway          = true
  gateway_proof_secret = "actonce/proof"
  connectors = {
    notes = {
      kind         = "mcp"
      url          = "gateway"
      names        = "gateway"
      tools        = ["internal."]
      auth         = { kind = "sigv4" }
      proof_secret = { secret = "actonce/proof" }
    }
  }
}

run "our_own_gateway_is_called_by_its_url_under_a_right_of_its_own" {
  command = plan

  assert {
    condition     = jsondecode(local.functions_environment.ACTONCE_CONNECTORS).notes.url == output.gateway_url
    error_message = "A connector whose url is gateway must be told that of our own one."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.invoke_own_gateway["consumer"].policy).Statement[0].Resource == [output.gateway_arn]
    error_message = "The right to call the gateway must be for that gateway alone."
  }

  assert {
    condition     = contains(local.secret_arns, "${local.secret_arn}:actonce/proof-??????")
    error_message = "Who signs proofs must be able to read their keys."
  }
}

run "a_gateway_takes_tokens_of_the_issuer_that_is_named" {
  command = plan

  variables {
    gateway_authorizer = "CUSTOM_JWT"
    gateway_jwt = {
      discovery_url = "https://issuer.example.com/.well-known/openid-configuration"
      audiences     = ["actonce"]
    }
  }

  assert {
    condition = jsonencode(local.gateway_template.Resources.Gateway.Properties.AuthorizerConfiguration) == jsonencode({
      CustomJWTAuthorizer = {
        DiscoveryUrl    = "https://issuer.example.com/.well-known/openid-configuration"
        AllowedAudience = ["actonce"]
      }
    })
    error_message = "The authorizer must be the one that is named."
  }
}

run "no_target_keeps_hosts_that_nobody_listed" {
  command = plan

  assert {
    condition     = local.gateway_target_environment.ACTONCE_EGRESS_HOSTS == "" && local.functions_environment.ACTONCE_EGRESS_HOSTS == ""
    error_message = "Our own gateway's host alone must not make a list of hosts."
  }
}

run "the_target_is_told_the_hosts_and_the_executors_may_reach_our_own_gateway_as_well" {
  command = plan

  variables {
    egress_hosts = ["*.my.salesforce.com"]
  }

  assert {
    condition     = local.gateway_target_environment.ACTONCE_EGRESS_HOSTS == "*.my.salesforce.com"
    error_message = "The target calls external systems and not the gateway."
  }

  assert {
    condition     = local.functions_environment.ACTONCE_EGRESS_HOSTS == "*.my.salesforce.com,actonce-gateway-0123456789.gateway.bedrock-agentcore.eu-west-1.amazonaws.com"
    error_message = "Nobody can list the host of a gateway that is not made yet."
  }
}

run "a_gateway_that_no_connector_calls_may_not_be_reached" {
  command = plan

  variables {
    egress_hosts = ["*.my.salesforce.com"]
    connectors   = {}
  }

  assert {
    condition     = local.functions_environment.ACTONCE_EGRESS_HOSTS == "*.my.salesforce.com"
    error_message = "Only what a connector calls is added."
  }
}
