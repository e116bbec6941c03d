# The state machine of step_functions mode. It knows the order of the steps, and no rule: those are in the functions.

locals {
  # Step Functions encrypts by its role, and logs through a service of its own: each names itself in the key's context.
  machine_key_contexts = var.kms_key_arn == null ? {} : {
    EncryptExecutions = {
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      condition = { "kms:EncryptionContext:aws:states:stateMachineArn" = local.machine_arn }
    }
    EncryptLogs = {
      actions   = ["kms:GenerateDataKey"]
      condition = { "kms:EncryptionContext:SourceArn" = "arn:${local.partition}:logs:${local.place}:*" }
    }
  }

  machine_statements = concat(
    [
      {
        Sid      = "TakeSteps"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = values(local.step_arns)
      },
      {
        # Deliveries of logs have no name that a policy could give: AWS asks for these on everything.
        Sid    = "DeliverLogs"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
        ]
        Resource = ["*"]
      },
    ],
    [for sid, it in local.machine_key_contexts : {
      Sid       = sid
      Effect    = "Allow"
      Action    = it.actions
      Resource  = [var.kms_key_arn]
      Condition = { StringEquals = it.condition }
    }],
  )
}

resource "aws_cloudwatch_log_group" "execution" {
  count = local.is_orchestrated ? 1 : 0

  name              = "/aws/vendedlogs/states/${local.machine_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_iam_role" "execution" {
  count = local.is_orchestrated ? 1 : 0

  name                 = "${var.name}-${local.region}-execution"
  description          = "What the state machine ${local.machine_name} may do."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = {
        ArnEquals    = { "aws:SourceArn" = local.machine_arn }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  count = local.is_orchestrated ? 1 : 0

  name   = "least-privilege"
  role   = aws_iam_role.execution[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.machine_statements })
}

resource "aws_sfn_state_machine" "execution" {
  #checkov:skip=CKV_AWS_284:X-Ray needs a grant on every resource; decision and execution trace are in each log line
  #checkov:skip=CKV_AWS_285:failures are logged without data: the history has it for ninety days, and the ledger for ever
  count = local.is_orchestrated ? 1 : 0

  name     = local.machine_name
  type     = "STANDARD"
  role_arn = aws_iam_role.execution[0].arn
  tags     = var.tags

  definition = templatefile(
    "${path.module}/statemachine/execution.asl.json",
    { for key, arn in local.step_arns : "${key}_arn" => arn },
  )

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.execution[0].arn}:*"
  }

  dynamic "encryption_configuration" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      type                              = "CUSTOMER_MANAGED_KMS_KEY"
      kms_key_id                        = encryption_configuration.value
      kms_data_key_reuse_period_seconds = 300
    }
  }

  # The definition names the functions by what they are going to be called; they and the rights come first.
  depends_on = [module.step, aws_iam_role_policy.execution]
}
