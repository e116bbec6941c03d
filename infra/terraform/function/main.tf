# A function, its own role and its own log group: who may do what is read in one place, the caller's statements.

locals {
  statements = concat(var.statements, [{
    sid        = "OwnLog"
    actions    = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources  = ["${var.log_group_arn}:*"]
    conditions = {}
  }])
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "What the function ${var.name} may do."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "least-privilege"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for it in local.statements : merge(
      { Sid = it.sid, Effect = "Allow", Action = it.actions, Resource = it.resources },
      length(it.conditions) == 0 ? {} : { Condition = it.conditions },
    )]
  })
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:X-Ray needs a grant on every resource; decision and execution trace are in each log line
  #checkov:skip=CKV_AWS_115:mapping, schedule, state machine and the throttling of the API bound how many run or try again; a reservation would take from others
  #checkov:skip=CKV_AWS_116:queue, stream and schedule have failure queues, a state machine its catches, who asks the API an answer: there what failed really arrives (finding 17)
  #checkov:skip=CKV_AWS_117:it talks to AWS and to tools over TLS only; a network of one's own is the root module's decision
  #checkov:skip=CKV_AWS_272:the package is built reproducibly and pinned by its hash
  function_name    = var.name
  description      = var.description
  role             = aws_iam_role.this.arn
  handler          = var.handler
  runtime          = var.package.runtime
  architectures    = [var.package.architecture]
  filename         = var.package.bucket == null ? var.package.path : null
  s3_bucket        = var.package.bucket
  s3_key           = var.package.key
  source_code_hash = var.package.sha256
  timeout          = var.timeout_s
  memory_size      = var.memory_mb
  kms_key_arn      = var.kms_key_arn
  tags             = var.tags

  environment {
    variables = var.environment
  }

  # Otherwise Lambda makes a log group of its own, which keeps everything for ever.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}
