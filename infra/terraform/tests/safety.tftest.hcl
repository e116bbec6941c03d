# Nothing is public, everything is encrypted, and every alarm is told to somebody (finding 21).

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  package_path = "versions.tf"
}

run "nothing_is_public" {
  command = plan

  variables {
    orchestrator = "step_functions"
  }

  assert {
    condition = (
      aws_s3_bucket_public_access_block.artifacts.block_public_acls &&
      aws_s3_bucket_public_access_block.artifacts.block_public_policy &&
      aws_s3_bucket_public_access_block.artifacts.ignore_public_acls &&
      aws_s3_bucket_public_access_block.artifacts.restrict_public_buckets &&
      aws_s3_bucket_ownership_controls.artifacts.rule[0].object_ownership == "BucketOwnerEnforced"
    )
    error_message = "The bucket must be private, whatever somebody puts into it."
  }

  assert {
    condition = alltrue([
      for text in concat(
        [aws_s3_bucket_policy.artifacts.policy, aws_sqs_queue.work.policy, aws_sns_topic_policy.alarms[0].policy],
        [for it in aws_sqs_queue.failed : it.policy],
        aws_sqs_queue.ended[*].policy,
      ) :
      alltrue([for it in jsondecode(text).Statement : it.Effect == "Deny" || try(it.Principal != "*", true)]) &&
      anytrue([for it in jsondecode(text).Statement : it.Effect == "Deny" && try(it.Condition.Bool["aws:SecureTransport"], "") == "false"])
    ])
    error_message = "A resource policy must allow nobody at large, and refuse what is not encrypted on its way."
  }

  assert {
    condition     = length(aws_cloudwatch_event_bus_policy.publishers) == 0
    error_message = "No other account may publish unless it is named."
  }
}

run "what_is_lost_can_be_got_back" {
  command = plan

  assert {
    condition = alltrue([
      for it in aws_dynamodb_table.this :
      it.point_in_time_recovery[0].enabled && it.deletion_protection_enabled && it.billing_mode == "PAY_PER_REQUEST"
    ])
    error_message = "Every table is on demand, recoverable and protected."
  }

  assert {
    condition     = aws_s3_bucket_versioning.artifacts.versioning_configuration[0].status == "Enabled" && !aws_s3_bucket.artifacts.force_destroy
    error_message = "The bucket keeps versions, and is not emptied by Terraform."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.artifacts.rule[0].expiration[0].days == 400
    error_message = "Artifacts do not stay for ever."
  }
}

run "everything_is_encrypted_by_the_keys_of_aws" {
  command = plan

  assert {
    condition     = aws_sqs_queue.work.sqs_managed_sse_enabled && alltrue([for it in aws_sqs_queue.failed : it.sqs_managed_sse_enabled])
    error_message = "Every queue is encrypted."
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.artifacts.rule[*].apply_server_side_encryption_by_default[0].sse_algorithm) == "AES256"
    error_message = "The bucket is encrypted."
  }
}

run "everything_is_encrypted_by_a_key_of_ours" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition = alltrue(concat(
      [for it in aws_dynamodb_table.this : it.server_side_encryption[0].kms_key_arn == var.kms_key_arn],
      [for it in aws_sqs_queue.failed : it.kms_master_key_id == var.kms_key_arn],
      [aws_sqs_queue.work.kms_master_key_id == var.kms_key_arn],
      [aws_sns_topic.alarms[0].kms_master_key_id == var.kms_key_arn],
      [for it in aws_s3_bucket_server_side_encryption_configuration.artifacts.rule : it.apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn],
    ))
    error_message = "Tables, queues, topic and bucket take the key that is given."
  }
}

run "every_alarm_is_told_and_explained" {
  command = plan

  variables {
    orchestrator = "step_functions"
  }

  assert {
    condition = alltrue([
      for it in concat(
        values(aws_cloudwatch_metric_alarm.this), values(aws_cloudwatch_metric_alarm.table_throttled),
        values(aws_cloudwatch_metric_alarm.step_errors),
        aws_cloudwatch_metric_alarm.failed_ratio, aws_cloudwatch_metric_alarm.sweeper_silent,
        aws_cloudwatch_metric_alarm.sealing_late, aws_cloudwatch_metric_alarm.sealer_silent,
      ) :
      it.alarm_actions == toset([aws_sns_topic.alarms[0].arn]) && strcontains(it.alarm_description, "Runbook: docs/runbook.md#")
    ])
    error_message = "Every alarm has its action and its runbook."
  }
}

run "what_an_emulator_lacks_is_left_out" {
  command = plan

  variables {
    orchestrator               = "step_functions"
    has_alarms                 = false
    has_archive                = false
    has_sealing                = false
    has_dashboard              = false
    has_schema_registry        = false
    has_point_in_time_recovery = false
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.this) == 0 && length(aws_cloudwatch_metric_alarm.step_errors) == 0 &&
      length(aws_sns_topic.alarms) == 0 &&
      length(aws_cloudwatch_event_archive.approved) == 0 && length(aws_cloudwatch_dashboard.this) == 0 &&
      length(aws_schemas_schema.this) == 0
    )
    error_message = "A switch that is off leaves nothing."
  }
}
