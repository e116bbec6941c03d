# Either orchestrator, and nothing of the other.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

override_resource {
  target          = aws_sqs_queue.failed["dead_letters"]
  override_during = plan
  values          = { arn = "arn:aws:sqs:eu-west-1:111122223333:actonce-dead-letters" }
}

override_resource {
  target          = aws_sqs_queue.failed["undelivered"]
  override_during = plan
  values          = { arn = "arn:aws:sqs:eu-west-1:111122223333:actonce-undelivered" }
}

override_resource {
  target          = aws_sqs_queue.ended
  override_during = plan
  values = {
    arn = "arn:aws:sqs:eu-west-1:111122223333:actonce-ended"
    url = "https://sqs.eu-west-1.amazonaws.com/111122223333/actonce-ended"
  }
}

variables {
  package_path = "versions.tf"
}

run "direct_is_the_default_and_has_no_state_machine" {
  command = plan

  assert {
    condition = (
      length(aws_sfn_state_machine.execution) == 0 && length(aws_iam_role.execution) == 0 &&
      length(aws_cloudwatch_log_group.execution) == 0 && length(aws_cloudwatch_event_rule.ended) == 0 &&
      length(aws_sqs_queue.ended) == 0 && length(aws_lambda_event_source_mapping.ended) == 0
    )
    error_message = "Direct mode costs nothing of what it does not use."
  }

  assert {
    condition     = toset(keys(local.functions)) == toset(["api", "consumer", "relay", "sealer", "sweeper"])
    error_message = "Direct mode has these functions."
  }

  assert {
    condition     = output.state_machine_arn == null && !contains(keys(output.queue_urls), "ended")
    error_message = "What is not there is not told."
  }

  assert {
    condition = (
      !contains(keys(output.environment), "ACTONCE_AWS_STATE_MACHINE_ARN") &&
      !contains(keys(local.functions_environment), "ACTONCE_AWS_STATE_MACHINE_ARN") &&
      !strcontains(output.operator_policy, "states:")
    )
    error_message = "Nobody is told of a machine that is not there."
  }
}

run "step_functions_has_no_consumer" {
  command = plan

  variables {
    orchestrator = "step_functions"
  }

  assert {
    condition = toset(keys(local.functions)) == toset([
      "api", "ended", "relay", "sealer", "starter", "step-compensate", "step-invoke", "step-map-tool", "step-reconcile", "step-record",
      "step-start", "step-validate", "sweeper",
    ])
    error_message = "There is a starter, a function for each step, and one for what did not end by itself."
  }

  assert {
    condition     = aws_sqs_queue.work.visibility_timeout_seconds == 360
    error_message = "The starter's time limit is what the queue goes by."
  }

  assert {
    condition     = local.functions_environment.ACTONCE_AWS_STATE_MACHINE_ARN == "arn:aws:states:eu-west-1:111122223333:stateMachine:actonce-execution"
    error_message = "The functions are told of the machine by the name that it is going to have."
  }

  assert {
    condition     = strcontains(output.operator_policy, "states:StopExecution") && output.queue_urls.ended == aws_sqs_queue.ended[0].url
    error_message = "Operators may stop executions, and see what did not end."
  }
}

run "what_did_not_end_by_itself_has_a_place" {
  command = plan

  variables {
    orchestrator = "step_functions"
  }

  assert {
    condition = (
      aws_cloudwatch_event_target.ended[0].arn == local.queue_arns.ended &&
      aws_cloudwatch_event_target.ended[0].dead_letter_config[0].arn == local.queue_arns.undelivered &&
      jsondecode(aws_sqs_queue.ended[0].redrive_policy).deadLetterTargetArn == local.queue_arns.dead_letters
    )
    error_message = "The rule's queue, and the queues behind it."
  }

  assert {
    condition = anytrue([
      for it in jsondecode(aws_sqs_queue.ended[0].policy).Statement :
      it.Effect == "Allow" && try(it.Condition.ArnEquals["aws:SourceArn"], []) == [local.ended_arn]
    ])
    error_message = "The rule may send, and no other."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.ended[0].function_response_types == toset(["ReportBatchItemFailures"]) &&
      aws_sqs_queue.ended[0].visibility_timeout_seconds >= 6 * var.step_call_timeout_s &&
      aws_sqs_queue.ended[0].message_retention_seconds == 1209600
    )
    error_message = "It is settled one by one, and tried again."
  }
}

run "the_machine_is_encrypted_by_a_key_of_ours" {
  command = plan

  variables {
    orchestrator = "step_functions"
    kms_key_arn  = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition = (
      aws_sfn_state_machine.execution[0].encryption_configuration[0].kms_key_id == var.kms_key_arn &&
      aws_sfn_state_machine.execution[0].encryption_configuration[0].type == "CUSTOMER_MANAGED_KMS_KEY" &&
      aws_cloudwatch_log_group.execution[0].kms_key_id == var.kms_key_arn &&
      aws_sqs_queue.ended[0].kms_master_key_id == var.kms_key_arn
    )
    error_message = "History, log and queue take the key that is given."
  }

  assert {
    condition = alltrue([
      for it in local.machine_statements :
      !contains(it.Action, "kms:GenerateDataKey") || try(length(it.Condition.StringEquals) == 1, false)
    ])
    error_message = "The machine uses the key for its own history and log, and for nothing else."
  }

  assert {
    condition = alltrue([
      for key, it in local.step_statements :
      length([for one in it : one if contains(one.actions, "kms:Decrypt") && one.resources == [var.kms_key_arn]]) == 1
    ])
    error_message = "Every step reads encrypted tables."
  }
}

run "a_machine_is_encrypted_and_bounded_without_a_key" {
  command = plan

  variables {
    orchestrator             = "step_functions"
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
    log_retention_days       = 30
    tags                     = { team = "ours" }
  }

  assert {
    condition = (
      aws_sqs_queue.ended[0].sqs_managed_sse_enabled && length(local.machine_statements) == 2 &&
      aws_iam_role.execution[0].permissions_boundary == var.permissions_boundary_arn &&
      aws_cloudwatch_log_group.execution[0].retention_in_days == 30 &&
      aws_sfn_state_machine.execution[0].tags.team == "ours"
    )
    error_message = "Boundary, retention and tags hold for the machine as for all else."
  }

  assert {
    condition     = jsondecode(aws_iam_role.execution[0].assume_role_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == local.machine_arn
    error_message = "No other state machine may use the role."
  }
}
