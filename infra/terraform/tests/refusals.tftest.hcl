# What cannot work is refused at the plan, and not found out in production.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  package_path = "versions.tf"
}

run "a_package_that_is_not_there" {
  command = plan

  variables {
    package_path = "no-such.zip"
  }

  expect_failures = [var.package_path]
}

run "a_visibility_below_six_timeouts" {
  command = plan

  variables {
    consumer_timeout_s   = 100
    visibility_timeout_s = 599
  }

  expect_failures = [var.visibility_timeout_s]
}

run "a_visibility_below_six_timeouts_of_the_starter" {
  command = plan

  variables {
    orchestrator         = "step_functions"
    consumer_timeout_s   = 10
    visibility_timeout_s = 359
  }

  expect_failures = [var.visibility_timeout_s]
}

run "an_orchestrator_that_is_none" {
  command = plan

  variables {
    orchestrator = "stepfunctions"
  }

  expect_failures = [var.orchestrator]
}

run "a_step_that_lambda_would_not_run_for_so_long" {
  command = plan

  variables {
    orchestrator        = "step_functions"
    step_call_timeout_s = 901
  }

  expect_failures = [var.step_call_timeout_s]
}

run "a_receive_count_that_leaves_no_time_to_wait_for_an_intent" {
  command = plan

  variables {
    max_receive_count = 5
  }

  expect_failures = [var.max_receive_count]
}

run "a_token_over_plain_http" {
  command = plan

  variables {
    connectors = {
      crm = { kind = "mcp", url = "http://tools.example.com/mcp", tools = ["crm."], token_secret = "crm-token" }
    }
  }

  expect_failures = [var.connectors]
}

run "a_connector_of_an_unknown_kind" {
  command = plan

  variables {
    connectors = { crm = { kind = "carrier-pigeon" } }
  }

  expect_failures = [var.connectors]
}

run "a_name_that_is_none" {
  command = plan

  variables {
    name = "Act Once"
  }

  expect_failures = [var.name]
}

run "a_log_field_that_speaks_of_a_secret" {
  command = plan

  variables {
    log_fields = ["title", "api_token"]
  }

  expect_failures = [var.log_fields]
}

run "another_runtime" {
  command = plan

  variables {
    runtime = "nodejs22.x"
  }

  expect_failures = [var.runtime]
}

run "an_alias_for_a_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:alias/mine"
  }

  expect_failures = [var.kms_key_arn]
}

run "a_gateway_whose_target_trusts_nobody" {
  command = plan

  variables {
    has_gateway = true
  }

  expect_failures = [var.gateway_proof_secret]
}

run "a_gateway_for_just_anybody" {
  command = plan

  variables {
    has_gateway          = true
    gateway_proof_secret = "actonce/proof"
    gateway_authorizer   = "NONE"
  }

  expect_failures = [var.gateway_authorizer]
}

run "tokens_of_nobody_in_particular" {
  command = plan

  variables {
    has_gateway          = true
    gateway_proof_secret = "actonce/proof"
    gateway_authorizer   = "CUSTOM_JWT"
    gateway_jwt          = { discovery_url = "https://issuer.example.com/.well-known/openid-configuration" }
  }

  expect_failures = [var.gateway_jwt]
}

run "a_connector_to_a_gateway_of_our_own_that_is_not_there" {
  command = plan

  variables {
    connectors = { notes = { kind = "mcp", url = "gateway", tools = ["internal."] } }
  }

  expect_failures = [var.connectors]
}

run "a_host_with_a_scheme" {
  command = plan

  variables {
    egress_hosts = ["https://tools.example.com"]
  }

  expect_failures = [var.egress_hosts]
}

run "a_star_in_the_middle_of_a_host" {
  command = plan

  variables {
    egress_hosts = ["tools.example.com", "a.*.example.com"]
  }

  expect_failures = [var.egress_hosts]
}

run "every_host_at_once" {
  command = plan

  variables {
    egress_hosts = ["*"]
  }

  expect_failures = [var.egress_hosts]
}

run "more_hosts_than_the_environment_of_a_function_holds" {
  command = plan

  variables {
    egress_hosts = [for number in range(100) : "tools-${number}.external.example.com"]
  }

  expect_failures = [var.egress_hosts]
}
