# The operators' API: whose tokens it takes, and what is refused before it lets just anybody in.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  package_path = "versions.tf"
}

run "without_an_issuer_it_takes_the_tokens_of_a_user_pool_of_its_own" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_authorizer.tokens[0].jwt_configuration[0].issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aBcDeFgHi" &&
      aws_apigatewayv2_authorizer.tokens[0].jwt_configuration[0].audience == toset(["1example23456789"])
    )
    error_message = "A token must be of this pool, and made for this client."
  }

  assert {
    condition = (
      output.api_url == "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com" && output.console_url == "${output.api_url}/console" &&
      output.user_pool_id == "eu-west-1_aBcDeFgHi" && output.client_id == "1example23456789"
    )
    error_message = "Operators must be told where it is, and where they are known."
  }

  assert {
    condition     = aws_lambda_permission.api[0].source_arn == "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/*"
    error_message = "No other API may call the function."
  }

  assert {
    condition     = length(aws_cognito_user_pool_domain.operators) == 0 && !aws_cognito_user_pool_client.api[0].allowed_oauth_flows_user_pool_client
    error_message = "There is no way in that nobody asked for."
  }
}

run "codes_go_to_the_addresses_that_are_named_and_the_function_is_told_of_no_connector" {
  command = plan

  variables {
    api_callback_urls = ["http://localhost:8400/callback"]
    orchestrator      = "step_functions"
    connectors        = { ours = { kind = "internal" } }
  }

  assert {
    condition = (
      aws_cognito_user_pool_client.api[0].allowed_oauth_flows == toset(["code"]) &&
      aws_cognito_user_pool_client.api[0].callback_urls == toset(["http://localhost:8400/callback"]) && length(local.sign_in) == 0
    )
    error_message = "A person comes back with a code; the implicit flow would put the token into an address."
  }

  assert {
    condition = (
      local.api_environment.ACTONCE_AWS_PAGING_SECRET == "actonce/paging" &&
      local.paging_secret_arn == "arn:aws:secretsmanager:eu-west-1:111122223333:secret:actonce/paging-??????"
    )
    error_message = "The API cannot list without its secret, and reads no other."
  }

  assert {
    condition     = !contains(keys(local.api_environment), "ACTONCE_CONNECTORS") && contains(keys(local.functions_environment), "ACTONCE_CONNECTORS")
    error_message = "Who calls no tool needs no connector, and so no token."
  }

  assert {
    condition     = local.api_environment.ACTONCE_AWS_STATE_MACHINE_ARN == local.machine_arn
    error_message = "What is cancelled must be stopped."
  }
}

run "a_pool_with_a_domain_signs_people_in_at_the_console" {
  command = plan

  variables {
    api_domain_prefix = "acme-actonce"
  }

  assert {
    condition = (
      aws_cognito_user_pool_client.api[0].allowed_oauth_flows == toset(["code"]) &&
      aws_cognito_user_pool_client.api[0].allowed_oauth_scopes == toset(["openid"]) &&
      aws_cognito_user_pool_client.api[0].callback_urls == toset([output.console_url])
    )
    error_message = "A person is sent back to the console, and nowhere else."
  }

  assert {
    condition = { for key, value in local.api_environment : key => value if startswith(key, "ACTONCE_API_") } == {
      ACTONCE_API_SIGN_IN_AUTHORIZE_URL = "https://acme-actonce.auth.eu-west-1.amazoncognito.com/oauth2/authorize"
      ACTONCE_API_SIGN_IN_TOKEN_URL     = "https://acme-actonce.auth.eu-west-1.amazoncognito.com/oauth2/token"
      ACTONCE_API_SIGN_IN_CLIENT_ID     = "1example23456789"
      ACTONCE_API_SIGN_IN_SCOPES        = "openid"
    }
    error_message = "The function must be told where the pool signs people in."
  }

  assert {
    condition     = !anytrue([for key in keys(local.functions_environment) : startswith(key, "ACTONCE_API_")])
    error_message = "No other function signs anybody in."
  }
}

run "an_issuer_that_is_named_takes_the_place_of_the_pool_and_so_does_a_secret" {
  command = plan

  variables {
    api_jwt_issuer   = "https://login.example.com/"
    api_jwt_audience = ["actonce"]
    paging_secret    = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:paging-AbCdEf"
  }

  assert {
    condition = (
      aws_apigatewayv2_authorizer.tokens[0].jwt_configuration[0].issuer == "https://login.example.com/" &&
      aws_apigatewayv2_authorizer.tokens[0].jwt_configuration[0].audience == toset(["actonce"])
    )
    error_message = "The issuer must be the one that is named."
  }

  assert {
    condition = (
      length(aws_cognito_user_pool.operators) == 0 && length(aws_cognito_user_pool_client.api) == 0 &&
      output.user_pool_id == null && output.client_id == null
    )
    error_message = "A pool that nobody uses is a door that nobody watches."
  }

  assert {
    condition     = local.paging_secret_arn == "arn:aws:secretsmanager:eu-west-1:111122223333:secret:paging-AbCdEf"
    error_message = "An ARN is taken as it is."
  }
}

run "an_issuer_that_is_named_signs_people_in_where_its_endpoints_are_told" {
  command = plan

  variables {
    api_jwt_issuer    = "https://login.example.com/"
    api_jwt_audience  = ["console"]
    api_domain_prefix = "unused"
    api_sign_in = {
      authorize_url = "https://login.example.com/authorize"
      token_url     = "https://login.example.com/oauth/token"
      client_id     = "console"
    }
  }

  assert {
    condition = { for key, value in local.api_environment : key => value if startswith(key, "ACTONCE_API_") } == {
      ACTONCE_API_SIGN_IN_AUTHORIZE_URL = "https://login.example.com/authorize"
      ACTONCE_API_SIGN_IN_TOKEN_URL     = "https://login.example.com/oauth/token"
      ACTONCE_API_SIGN_IN_CLIENT_ID     = "console"
      ACTONCE_API_SIGN_IN_SCOPES        = "openid"
    }
    error_message = "The function must be told where the issuer signs people in."
  }
}

run "a_sign_in_without_an_issuer_of_ones_own" {
  command = plan

  variables {
    api_sign_in = { authorize_url = "https://login.example.com/authorize", token_url = "https://login.example.com/token", client_id = "console" }
  }

  expect_failures = [var.api_sign_in]
}

run "a_sign_in_in_the_clear_with_a_policys_words_in_it_and_a_refresh_token" {
  command = plan

  variables {
    api_jwt_issuer   = "https://login.example.com/"
    api_jwt_audience = ["console"]
    api_sign_in = {
      authorize_url = "http://login.example.com/authorize"
      token_url     = "https://login.example.com;script-src"
      client_id     = "a console"
      scopes        = "openid offline_access"
    }
  }

  expect_failures = [var.api_sign_in]
}

run "it_can_be_left_out" {
  command = plan

  variables {
    has_api = false
  }

  assert {
    condition = (
      length(module.api) == 0 && length(aws_apigatewayv2_api.this) == 0 && length(aws_apigatewayv2_route.open) == 0 &&
      length(aws_apigatewayv2_route.guarded) == 0 && length(aws_cognito_user_pool.operators) == 0 &&
      length(aws_cloudwatch_metric_alarm.api_5xx) == 0 && length(local.sign_in) == 0 && output.api_url == null && output.console_url == null
    )
    error_message = "An installation without the API has nothing of it."
  }
}

run "an_issuer_without_an_audience" {
  command = plan

  variables {
    api_jwt_issuer = "https://login.example.com/"
  }

  expect_failures = [var.api_jwt_audience]
}

run "an_issuer_and_a_callback_in_the_clear_a_throttle_that_lets_nobody_in_and_no_second_factor" {
  command = plan

  variables {
    api_jwt_issuer    = "http://login.example.com/"
    api_jwt_audience  = ["actonce"]
    api_callback_urls = ["http://desk.example.com/callback"]
    api_rate_limit    = 0
    api_mfa           = "OFF"
  }

  expect_failures = [var.api_jwt_issuer, var.api_callback_urls, var.api_rate_limit, var.api_mfa]
}
