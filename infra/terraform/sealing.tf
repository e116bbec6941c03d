# Sealing: what a tenant's ledger held on each day, signed by a key that nobody can take away, kept in a bucket where nobody
# can change it before its time. docs/ledger.md says what that proves.

locals {
  sealing      = var.has_sealing ? [true] : []
  kept_forever = var.is_deletion_protected ? [true] : []

  # The key's own ARN is known only once it is made; its alias is known before, and is how it is asked for.
  signing_keys_arn = "arn:${local.partition}:kms:${local.place}:key/*"
  signing_alias    = "alias/${var.name}-ledger-heads"
  by_alias         = { StringEquals = { "kms:RequestAlias" = [local.signing_alias] } }

  sealing_environment = var.has_sealing ? {
    ACTONCE_AWS_HEADS_BUCKET = local.heads_bucket_name
    ACTONCE_AWS_HEADS_KEY    = local.signing_alias
  } : {}

  verifier_statements = [for it in local.sealing : [
    {
      Sid      = "ReadHeads"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket", "s3:ListBucketVersions"]
      Resource = [local.heads_bucket_arn, "${local.heads_bucket_arn}/*"]
    },
    {
      Sid       = "CheckSignatures"
      Effect    = "Allow"
      Action    = ["kms:GetPublicKey"]
      Resource  = [local.signing_keys_arn]
      Condition = local.by_alias
    },
  ]]
}

module "sealer" {
  source = "./function"
  count  = length(local.sealing)

  name                     = "${var.name}-sealer"
  role_name                = "${var.name}-${local.region}-sealer"
  description              = "Signs and keeps what the ledger held on each day that is over."
  handler                  = "entrypoints.sealer.handler"
  package                  = local.package
  timeout_s                = var.sealer_timeout_s
  memory_mb                = var.sealer_memory_mb
  environment              = merge(local.functions_environment, local.sealing_environment)
  log_group_arn            = "${local.log_arn}-sealer"
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags

  statements = concat(local.using_the_key, [
    {
      sid       = "ListByTenantAndTime"
      actions   = ["dynamodb:Query", "dynamodb:Scan"]
      resources = ["${local.table_arns["ledger"]}/index/by_time"]
    },
    {
      sid       = "ReadEntries"
      actions   = ["dynamodb:BatchGetItem"]
      resources = [local.table_arns["ledger"]]
    },
    {
      # A head says which one it follows. Nothing here may remove one, nor shorten how long it is locked.
      sid       = "KeepHeads"
      actions   = ["s3:GetObject", "s3:PutObject"]
      resources = ["${local.heads_bucket_arn}/*"]
    },
    {
      sid       = "FindHeads"
      actions   = ["s3:ListBucket", "s3:ListBucketVersions"]
      resources = [local.heads_bucket_arn]
    },
    {
      sid        = "SignHeads"
      actions    = ["kms:GetPublicKey", "kms:Sign"]
      resources  = [local.signing_keys_arn]
      conditions = local.by_alias
    },
    {
      sid       = "TellOfFailedRuns"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arns.undelivered]
    },
  ])
}

resource "aws_cloudwatch_event_rule" "seal" {
  count = length(local.sealing)

  name                = local.seal_name
  description         = "The sealer signs the day that is over; the second run makes good what the first could not."
  schedule_expression = "cron(30 1,13 * * ? *)"
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "seal" {
  count = length(local.sealing)

  rule      = aws_cloudwatch_event_rule.seal[0].name
  target_id = "sealer"
  arn       = module.sealer[0].arn

  dead_letter_config {
    arn = aws_sqs_queue.failed["undelivered"].arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }
}

resource "aws_lambda_permission" "seal" {
  count = length(local.sealing)

  statement_id  = "OurSchedule"
  action        = "lambda:InvokeFunction"
  function_name = module.sealer[0].name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.seal[0].arn
}

# Sealing again changes nothing, so a failed run is tried twice more before it is told.
resource "aws_lambda_function_event_invoke_config" "sealer" {
  count = length(local.sealing)

  function_name                = module.sealer[0].name
  maximum_event_age_in_seconds = 3600
  maximum_retry_attempts       = 2

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed["undelivered"].arn
    }
  }
}

resource "aws_kms_key" "heads" {
  #checkov:skip=CKV_AWS_7:KMS rotates no asymmetric key; docs/ledger.md says how a new one is brought in
  count = length(local.sealing)

  description              = "Signs the heads of the ledger of ${var.name}."
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  deletion_window_in_days  = 30
  tags                     = var.tags

  # IAM policies of this account say who may sign: the sealer, by its role.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ByPoliciesOfThisAccount"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_alias" "heads" {
  count = length(local.sealing)

  name          = local.signing_alias
  target_key_id = aws_kms_key.heads[0].key_id
}

resource "aws_s3_bucket" "heads" {
  #checkov:skip=CKV_AWS_18:who reads is seen in CloudTrail data events, which are the account's decision
  #checkov:skip=CKV_AWS_144:copies elsewhere are docs/ledger.md's advice, and the account's decision
  #checkov:skip=CKV_AWS_145:with kms_key_arn the key is yours, without it S3's own; either way an object is encrypted
  #checkov:skip=CKV2_AWS_61:what is locked is kept; how much longer is the account's decision
  #checkov:skip=CKV2_AWS_62:nobody waits for a head
  count = length(local.sealing)

  bucket              = local.heads_bucket_name
  object_lock_enabled = true
  force_destroy       = !var.is_deletion_protected
  tags                = var.tags
}

resource "aws_s3_bucket_ownership_controls" "heads" {
  count = length(local.sealing)

  bucket = aws_s3_bucket.heads[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "heads" {
  count = length(local.sealing)

  bucket = aws_s3_bucket.heads[0].id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "heads" {
  count = length(local.sealing)

  bucket = aws_s3_bucket.heads[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "heads" {
  count = length(local.sealing)

  bucket = aws_s3_bucket.heads[0].id

  rule {
    default_retention {
      mode = var.heads_lock_mode
      days = var.heads_lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.heads]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "heads" {
  count = length(local.sealing)

  bucket = aws_s3_bucket.heads[0].id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_policy" "heads" {
  count = length(local.sealing)

  bucket = aws_s3_bucket.heads[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "TlsOnly"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = [local.heads_bucket_arn, "${local.heads_bucket_arn}/*"]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
        {
          # No version is laid over one that is there.
          Sid       = "OnceOnly"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:PutObject"
          Resource  = "${local.heads_bucket_arn}/*"
          Condition = { Null = { "s3:if-none-match" = "true" } }
        },
      ],
      [for it in local.kept_forever : {
        # A lock keeps versions; a marker that hides one may still be laid over it.
        Sid       = "NobodyRemoves"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource  = "${local.heads_bucket_arn}/*"
      }],
    )
  })

  depends_on = [aws_s3_bucket_public_access_block.heads]
}
