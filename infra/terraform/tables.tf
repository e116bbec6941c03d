# The tables of adapters/aws/schema.py; a test holds the two against each other. Every index carries keys only.

locals {
  pk_sk = { hash_key = "pk", range_key = "sk", indexes = {}, is_streamed = false }

  tables = {
    attempts = merge(local.pk_sk, {
      indexes = {
        by_account = { hash_key = "pk", range_key = "started_at" }
        by_tenant  = { hash_key = "tenant_shard", range_key = "started_at" }
        due        = { hash_key = "due_shard", range_key = "due_at" }
        parked     = { hash_key = "parked_shard", range_key = "parked_at" }
      }
    })
    outcomes              = local.pk_sk
    intents               = local.pk_sk
    external-write-dedupe = local.pk_sk
    ledger = merge(local.pk_sk, {
      indexes = { by_time = { hash_key = "tenant_shard", range_key = "at" } }
    })
    outbox               = merge(local.pk_sk, { is_streamed = true })
    tenants              = merge(local.pk_sk, { hash_key = "tenantId", range_key = null })
    action-type-registry = local.pk_sk
    internal-objects     = local.pk_sk
  }

  number_attributes = ["at", "due_at", "started_at"]

  table_attributes = {
    for key, it in local.tables : key => distinct(compact(concat(
      [it.hash_key, it.range_key],
      flatten([for index in it.indexes : [index.hash_key, index.range_key]]),
    )))
  }
}

resource "aws_dynamodb_table" "this" {
  #checkov:skip=CKV_AWS_119:with kms_key_arn the key is yours, without it AWS's own; either way a table is encrypted
  for_each = local.tables

  name                        = "${local.table_prefix}${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.hash_key
  range_key                   = each.value.range_key
  stream_enabled              = each.value.is_streamed
  stream_view_type            = each.value.is_streamed ? "NEW_IMAGE" : null
  deletion_protection_enabled = var.is_deletion_protected
  tags                        = var.tags

  dynamic "attribute" {
    for_each = local.table_attributes[each.key]

    content {
      name = attribute.value
      type = contains(local.number_attributes, attribute.value) ? "N" : "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.hash_key
      range_key       = global_secondary_index.value.range_key
      projection_type = "KEYS_ONLY"
    }
  }

  point_in_time_recovery {
    enabled = var.has_point_in_time_recovery
  }

  # Without this block DynamoDB encrypts with a key that it owns; with it and no key, with one that each call pays for.
  dynamic "server_side_encryption" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value
    }
  }
}
