# Nothing that fails is lost: every queue, target, stream and schedule has somewhere to put it (finding 17).

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
  target          = aws_sqs_queue.failed["unrelayed"]
  override_during = plan
  values          = { arn = "arn:aws:sqs:eu-west-1:111122223333:actonce-unrelayed" }
}

variables {
  # Any file: nothing is uploaded.
  package_path = "versions.tf"
}

run "what_fails_has_a_place" {
  command = plan

  assert {
    condition     = jsondecode(aws_sqs_queue.work.redrive_policy).deadLetterTargetArn == local.queue_arns.dead_letters
    error_message = "The work queue must bury in the dead-letter queue."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.work.redrive_policy).maxReceiveCount >= 8
    error_message = "SQS must not bury before the consumer says why."
  }

  assert {
    condition     = alltrue([for it in aws_sqs_queue.failed : it.message_retention_seconds == 1209600])
    error_message = "What failed must be kept for as long as SQS keeps anything."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.failed["dead_letters"].redrive_allow_policy).sourceQueueArns == [local.queue_arns.work]
    error_message = "Only the work queue may bury in the dead-letter queue."
  }

  assert {
    condition = alltrue([
      for it in [aws_cloudwatch_event_target.work, aws_cloudwatch_event_target.sweep] :
      it.dead_letter_config[0].arn == local.queue_arns.undelivered && it.retry_policy[0].maximum_event_age_in_seconds >= 60
    ])
    error_message = "Every target must have a failure queue and a retry policy."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.outbox.destination_config[0].on_failure[0].destination_arn == local.queue_arns.unrelayed
    error_message = "The stream must have a failure queue."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.sweeper.destination_config[0].on_failure[0].destination == local.queue_arns.undelivered
    error_message = "A failed sweep must be seen."
  }
}

run "batches_fail_by_the_record" {
  command = plan

  assert {
    condition = alltrue([
      for it in [aws_lambda_event_source_mapping.work, aws_lambda_event_source_mapping.outbox] :
      contains(it.function_response_types, "ReportBatchItemFailures")
    ])
    error_message = "One bad record must not bring back its whole batch."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.outbox.bisect_batch_on_function_error &&
      aws_lambda_event_source_mapping.outbox.maximum_retry_attempts == 10 &&
      aws_lambda_event_source_mapping.outbox.maximum_record_age_in_seconds == 3600
    )
    error_message = "A poisoned record must be cut out and given up, not hold up its shard."
  }

  assert {
    condition     = jsondecode(one(aws_lambda_event_source_mapping.outbox.filter_criteria[0].filter[*].pattern)) == { eventName = ["INSERT"] }
    error_message = "Only what is put into the outbox is published."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.work.scaling_config[0].maximum_concurrency == 20
    error_message = "The consumer must not run without bound."
  }

  assert {
    condition     = aws_sqs_queue.work.visibility_timeout_seconds >= 6 * var.consumer_timeout_s
    error_message = "Visibility must be at least six times the timeout."
  }
}

run "only_approved_actions_come_in" {
  command = plan

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.approved.event_pattern) == { source = ["cc-native"], detail-type = ["ACTION_APPROVED"] }
    error_message = "Signals leave on the same bus, and must not come back in."
  }

  assert {
    condition     = aws_cloudwatch_event_archive.approved[0].event_pattern == aws_cloudwatch_event_rule.approved.event_pattern
    error_message = "What is archived is what is delivered."
  }
}
