# What a function is told. tests/infra/test_agreement.py has the settings read the same connectors.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  package_path = "versions.tf"
  connectors = {
    crm = {
      kind                 = "mcp"
      url                  = "https://tools.example.com/mcp"
      tools                = ["crm."]
      token_secret         = "crm-token"
      errors_precede_tools = true
    }
    calendar = {
      kind               = "mcp"
      url                = "https://calendar.example.com/mcp"
      tools              = ["calendar."]
      max_response_bytes = 65536
    }
    ours = { kind = "internal" }
    behind = {
      kind         = "mcp"
      url          = "https://gateway.example.com/mcp"
      names        = "gateway"
      tools        = ["notes."]
      proof_secret = { secret = "actonce/proof" }
    }
  }
}

run "a_key_without_a_value_is_left_out" {
  command = plan

  assert {
    condition     = jsonencode(jsondecode(local.functions_environment.ACTONCE_CONNECTORS)) == jsonencode(jsondecode(file("tests/connectors.json")))
    error_message = "Connectors are told as they stand in actonce.toml."
  }

  assert {
    condition     = !contains(keys(local.functions_environment), "ACTONCE_AWS_ENDPOINT_URL")
    error_message = "On AWS there is no endpoint to tell."
  }
}

run "an_emulator_is_told_only_where_there_is_one" {
  command = plan

  variables {
    endpoint_url = "http://localhost:4566"
  }

  assert {
    condition     = local.functions_environment.ACTONCE_AWS_ENDPOINT_URL == "http://localhost:4566"
    error_message = "The functions must find the emulator."
  }
}

run "a_secret_may_be_named_by_its_arn" {
  command = plan

  variables {
    connectors = {
      crm = {
        kind         = "mcp"
        url          = "https://tools.example.com/mcp"
        tools        = ["crm."]
        token_secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:crm-token-AbCdEf"
      }
    }
  }

  assert {
    condition     = local.secret_arns == ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:crm-token-AbCdEf"]
    error_message = "An ARN is taken as it is."
  }
}

run "another_source_holds_for_the_rule_the_functions_and_the_rights" {
  command = plan

  variables {
    event_source = "approvals"
  }

  assert {
    condition = (
      jsondecode(aws_cloudwatch_event_rule.approved.event_pattern).source == ["approvals"] &&
      local.functions_environment.ACTONCE_EVENTS_SOURCE == "approvals" &&
      local.publishing_condition["events:source"] == ["approvals"]
    )
    error_message = "A source that only some parts know loses every event."
  }
}

run "the_package_goes_with_each_function" {
  command = plan

  assert {
    condition     = length(aws_s3_object.package) == 0 && local.package.bucket == null && local.package.path == "versions.tf"
    error_message = "Nothing but the functions is needed to bring up the functions."
  }
}

run "or_is_uploaded_once_under_its_hash" {
  command = plan

  variables {
    package_bucket = "packages"
  }

  assert {
    condition = (
      local.package.bucket == "packages" && local.package.key == "actonce/${filesha256("versions.tf")}.zip" &&
      local.package.sha256 == filebase64sha256("versions.tf")
    )
    error_message = "A package that was uploaded is never written over by another."
  }
}

run "secrets_under_auth_are_granted_like_a_token" {
  command = plan

  variables {
    connectors = {
      crm = {
        kind         = "salesforce"
        instance_url = "https://acme.my.salesforce.com"
        auth = {
          kind          = "oauth_client_credentials"
          token_url     = "https://acme.my.salesforce.com/services/oauth2/token"
          client_id     = "client"
          client_secret = { secret = "salesforce-client" }
        }
      }
      ours = { kind = "internal" }
    }
  }

  assert {
    condition     = join(",", local.secret_ids) == "salesforce-client"
    error_message = "A secret that a connector names must be readable by what calls its tools."
  }

  assert {
    condition     = jsondecode(local.functions_environment.ACTONCE_CONNECTORS).crm.auth.client_secret.secret == "salesforce-client"
    error_message = "The functions must be told where the secret is."
  }
}

run "any_host_may_be_reached_where_none_is_listed" {
  command = plan

  assert {
    condition     = local.functions_environment.ACTONCE_EGRESS_HOSTS == "" && output.environment.ACTONCE_EGRESS_HOSTS == ""
    error_message = "The default must be that of the settings, which take an empty variable for none."
  }
}

run "the_hosts_that_may_be_reached_are_told_to_whoever_calls" {
  command = plan

  variables {
    egress_hosts = ["tools.example.com", "*.calendar.example.com", "fd00::7"]
  }

  assert {
    condition     = local.functions_environment.ACTONCE_EGRESS_HOSTS == "tools.example.com,*.calendar.example.com,fd00::7"
    error_message = "The settings take them by commas."
  }

  assert {
    condition     = output.environment.ACTONCE_EGRESS_HOSTS == local.functions_environment.ACTONCE_EGRESS_HOSTS
    error_message = "What the functions may not reach a worker may not reach either."
  }

  assert {
    condition     = !contains(keys(local.api_environment), "ACTONCE_EGRESS_HOSTS")
    error_message = "The API calls no tool."
  }
}
