# The work queue, who takes from it, and the three queues that hold what failed: their messages wait for an operator for
# fourteen days.

locals {
  fourteen_days_s = 1209600

  failure_queues = toset(["dead_letters", "undelivered", "unrelayed"])

  # Whoever takes from the work queue has one batch for so long.
  work_timeout_s = local.is_orchestrated ? local.step_timeout_s : var.consumer_timeout_s

  # Who sends to a queue as a service. The relay sends to unrelayed, and the consumer to dead_letters, by their own roles.
  ended_rules = local.is_orchestrated ? [local.ended_arn] : []
  rules_into_queues = { for key, it in {
    work         = [local.rule_arn]
    dead_letters = []
    undelivered  = concat([local.rule_arn, local.sweep_arn], [for it in local.sealing : local.seal_arn], local.ended_rules)
    unrelayed    = []
    ended        = local.ended_rules
  } : key => it if contains(keys(local.queue_names), key) }

  queue_policies = {
    for key, rules in local.rules_into_queues : key => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [{
          Sid       = "TlsOnly"
          Effect    = "Deny"
          Principal = "*"
          Action    = "sqs:*"
          Resource  = local.queue_arns[key]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        }],
        [for it in [rules] : {
          Sid       = "FromOurRules"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = local.queue_arns[key]
          Condition = { ArnEquals = { "aws:SourceArn" = it } }
        } if length(it) > 0],
      )
    })
  }
}

resource "aws_sqs_queue" "work" {
  #checkov:skip=CKV_AWS_27:with kms_key_arn the key is yours, without it SQS's own; either way a queue is encrypted
  name                       = local.queue_names.work
  visibility_timeout_seconds = coalesce(var.visibility_timeout_s, 6 * local.work_timeout_s)
  message_retention_seconds  = local.fourteen_days_s
  receive_wait_time_seconds  = 20
  kms_master_key_id          = var.kms_key_arn
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  policy                     = local.queue_policies.work
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed["dead_letters"].arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_sqs_queue" "failed" {
  #checkov:skip=CKV_AWS_27:with kms_key_arn the key is yours, without it SQS's own; either way a queue is encrypted
  for_each = local.failure_queues

  name                      = local.queue_names[each.key]
  message_retention_seconds = local.fourteen_days_s
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  policy                    = local.queue_policies[each.key]
  tags                      = var.tags

  # Only queues that somebody takes from may bury here; the other two take from services and roles, and from no queue.
  redrive_allow_policy = jsonencode(
    each.key == "dead_letters"
    ? { redrivePermission = "byQueue", sourceQueueArns = [for key, it in local.queue_arns : it if !contains(local.failure_queues, key)] }
    : { redrivePermission = "denyAll", sourceQueueArns = null }
  )
}

# One mapping for either mode: when the mode changes it is pointed at the other function, and no message is left lying.
resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn        = aws_sqs_queue.work.arn
  function_name           = one(concat(module.consumer[*].arn, module.starter[*].arn))
  batch_size              = var.batch_size
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  # What comes above this waits in the queue; a reserved concurrency would receive it in vain instead.
  scaling_config {
    maximum_concurrency = var.consumer_max_concurrency
  }

  # A starter has something to start.
  depends_on = [aws_sfn_state_machine.execution]
}
