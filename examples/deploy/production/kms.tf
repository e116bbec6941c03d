# The key, and the services that use it for us: what they encrypt or read is named by its account.

resource "aws_kms_key" "this" {
  description         = "Everything that ${var.name} keeps."
  enable_key_rotation = true
  policy              = jsonencode(local.key_policy)
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

locals {
  # EventBridge sends to the queues, CloudWatch to the topic, and SNS to whoever subscribed.
  key_users = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"]

  key_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TheAccountDecides"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "ServicesThatSend"
        Effect    = "Allow"
        Principal = { Service = local.key_users }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "OurLogs"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = [
              "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/lambda/${var.name}-*",
              "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/vendedlogs/apis/${var.name}-*",
              "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/vendedlogs/states/${var.name}-*",
            ]
          }
        }
      },
      {
        # What brings the log of an encrypted state machine to its group.
        Sid       = "DeliveryOfLogs"
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = {
          StringEquals = { "kms:EncryptionContext:SourceArn" = "arn:aws:logs:${var.region}:${var.account_id}:*" }
        }
      },
    ]
  }
}
