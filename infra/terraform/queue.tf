# The work queue and the three queues that hold what failed. Their messages wait for an operator for fourteen days.

locals {
  fourteen_days_s = 1209600

  failure_queues = toset(["dead_letters", "undelivered", "unrelayed"])

  # Who sends to a queue as a service. The relay sends to unrelayed, and the consumer to dead_letters, by their own roles.
  rules_into_queues = {
    work         = [local.rule_arn]
    dead_letters = []
    undelivered  = [local.rule_arn, local.sweep_arn]
    unrelayed    = []
  }

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
  visibility_timeout_seconds = coalesce(var.visibility_timeout_s, 6 * var.consumer_timeout_s)
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

  # Only the work queue may bury here; the other two take from services and roles, and from no queue.
  redrive_allow_policy = jsonencode(
    each.key == "dead_letters"
    ? { redrivePermission = "byQueue", sourceQueueArns = [local.queue_arns.work] }
    : { redrivePermission = "denyAll", sourceQueueArns = null }
  )
}
