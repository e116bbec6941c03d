# Names and ARNs of everything, composed before anything exists: a plan then shows every policy in full.
# What one resource needs of another to be created is still taken from that resource, which puts them in order.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name
  place     = "${local.region}:${local.account}"

  is_orchestrated = var.orchestrator == "step_functions"

  table_prefix = "${var.name}-"
  bus_name     = var.name
  rule_name    = "${var.name}-approved-actions"
  sweep_name   = "${var.name}-sweep"
  archive_name = "${var.name}-approved-actions"
  seal_name    = "${var.name}-seal"
  ended_name   = "${var.name}-ended"
  machine_name = "${var.name}-execution"
  topic_name   = "${var.name}-alarms"
  bucket_name  = coalesce(var.artifacts_bucket_name, "${var.name}-artifacts-${local.account}-${local.region}")

  heads_bucket_name = coalesce(var.heads_bucket_name, "${var.name}-heads-${local.account}-${local.region}")

  # work: approved actions and wake-ups. dead_letters: what was refused, with the reason.
  # undelivered: what EventBridge or a sweep could not bring. unrelayed: stream records that the relay gave up on.
  # ended: executions of the state machine that did not end by themselves.
  queue_names = merge(
    {
      work         = "${var.name}-work"
      dead_letters = "${var.name}-dead-letters"
      undelivered  = "${var.name}-undelivered"
      unrelayed    = "${var.name}-unrelayed"
    },
    local.is_orchestrated ? { ended = "${var.name}-ended" } : {},
  )

  step_names = { for key in keys(local.steps) : key => "${var.name}-step-${replace(key, "_", "-")}" }

  queue_arns       = { for key, it in local.queue_names : key => "arn:${local.partition}:sqs:${local.place}:${it}" }
  table_arns       = { for key, it in local.tables : key => "arn:${local.partition}:dynamodb:${local.place}:table/${local.table_prefix}${key}" }
  bus_arn          = "arn:${local.partition}:events:${local.place}:event-bus/${local.bus_name}"
  rule_arn         = "arn:${local.partition}:events:${local.place}:rule/${local.bus_name}/${local.rule_name}"
  sweep_arn        = "arn:${local.partition}:events:${local.place}:rule/${local.sweep_name}"
  seal_arn         = "arn:${local.partition}:events:${local.place}:rule/${local.seal_name}"
  archive_arn      = "arn:${local.partition}:events:${local.place}:archive/${local.archive_name}"
  replays_arn      = "arn:${local.partition}:events:${local.place}:replay/*"
  ended_arn        = "arn:${local.partition}:events:${local.place}:rule/${local.ended_name}"
  step_arns        = { for key, it in local.step_names : key => "arn:${local.partition}:lambda:${local.place}:function:${it}" }
  machine_arn      = "arn:${local.partition}:states:${local.place}:stateMachine:${local.machine_name}"
  topic_arn        = "arn:${local.partition}:sns:${local.place}:${local.topic_name}"
  bucket_arn       = "arn:${local.partition}:s3:::${local.bucket_name}"
  heads_bucket_arn = "arn:${local.partition}:s3:::${local.heads_bucket_name}"
  log_arn          = "arn:${local.partition}:logs:${local.place}:log-group:/aws/lambda/${var.name}"
  runs_arn         = "arn:${local.partition}:states:${local.place}:execution:${local.machine_name}:*"
  secret_arn       = "arn:${local.partition}:secretsmanager:${local.place}:secret"
  secret_names     = ["token", "key", "password", "client_secret", "private_key"]
  secret_ids = distinct(compact(flatten([for it in var.connectors : [
    try(it.token_secret, null),
    try(it.proof_secret.secret, null),
    [for name in local.secret_names : try(it.auth[name].secret, null)],
  ]])))
  secret_arns = [for it in local.secret_ids : startswith(it, "arn:") ? it : "${local.secret_arn}:${it}-??????"]
}
