# What more than one function does, said once; the rest is beside each function. Tables are named one by one:
# nobody reads what it does not use, and only operators change switches.

locals {
  # Carrying out: claim, prepare and settle are puts in one transaction, which ask for PutItem and GetItem alone.
  execution_rows = [for it in ["attempts", "outcomes", "external-write-dedupe"] : local.table_arns[it]]

  carrying_out = concat(
    [
      {
        sid        = "ReadWhatStands"
        actions    = ["dynamodb:GetItem"]
        resources  = concat(local.execution_rows, [for it in ["intents", "action-type-registry", "internal-objects"] : local.table_arns[it]])
        conditions = {}
      },
      {
        sid        = "WriteWhatHappens"
        actions    = ["dynamodb:PutItem"]
        resources  = concat(local.execution_rows, [for it in ["ledger", "outbox", "internal-objects"] : local.table_arns[it]])
        conditions = {}
      },
      {
        sid        = "UndoInternalObjects"
        actions    = ["dynamodb:DeleteItem"]
        resources  = [local.table_arns["internal-objects"]]
        conditions = {}
      },
      {
        sid        = "ReadSwitches"
        actions    = ["dynamodb:BatchGetItem"]
        resources  = [local.table_arns["tenants"]]
        conditions = {}
      },
      {
        sid        = "WakeUps"
        actions    = ["sqs:SendMessage"]
        resources  = [local.queue_arns.work]
        conditions = {}
      },
      {
        sid        = "KeepLargeResponses"
        actions    = ["s3:PutObject"]
        resources  = ["${local.bucket_arn}/*"]
        conditions = {}
      },
    ],
    [for arns in [local.secret_arns] : {
      sid        = "TokensOfConnectors"
      actions    = ["secretsmanager:GetSecretValue"]
      resources  = arns
      conditions = {}
    } if length(arns) > 0],
    local.using_the_key,
  )

  publishing_signals = [
    {
      sid        = "PublishSignals"
      actions    = ["events:PutEvents"]
      resources  = [local.bus_arn]
      conditions = { StringEquals = { "events:detail-type" = local.signal_types, "events:source" = [var.event_source] } }
    },
    {
      sid        = "UnmarkPublished"
      actions    = ["dynamodb:BatchWriteItem"]
      resources  = [local.table_arns["outbox"]]
      conditions = {}
    },
  ]

  using_the_key = [for it in [var.kms_key_arn] : {
    sid        = "OurKey"
    actions    = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources  = [it]
    conditions = {}
  } if it != null]

  # A publisher may say that an action is approved, and nothing that only this system says.
  publishing_condition = { "events:detail-type" = [local.approved_type], "events:source" = [var.event_source] }

  publisher_statements = [
    {
      Sid       = "PublishApprovedActions"
      Effect    = "Allow"
      Action    = ["events:PutEvents"]
      Resource  = [local.bus_arn]
      Condition = { StringEquals = local.publishing_condition }
    },
    {
      Sid      = "StoreIntents"
      Effect   = "Allow"
      Action   = ["dynamodb:PutItem"]
      Resource = [local.table_arns["intents"]]
    },
  ]

  # The command line: operators read everything, and write what stop, resume, cancel, retry, resolve and undo write.
  operator_statements = concat(
    [
      {
        Sid      = "Look"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
        Resource = concat(values(local.table_arns), [for it in ["attempts", "ledger"] : "${local.table_arns[it]}/index/*"])
      },
      {
        Sid      = "Act"
        Effect   = "Allow"
        Action   = ["dynamodb:PutItem"]
        Resource = concat(local.execution_rows, [for it in ["ledger", "outbox", "intents", "action-type-registry"] : local.table_arns[it]])
      },
      {
        Sid      = "Switch"
        Effect   = "Allow"
        Action   = ["dynamodb:UpdateItem"]
        Resource = [local.table_arns["tenants"]]
      },
      {
        Sid      = "WakeUp"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
        Resource = [local.queue_arns.work]
      },
      {
        Sid    = "LookAtFailures"
        Effect = "Allow"
        Action = [
          "sqs:CancelMessageMoveTask", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
          "sqs:ListMessageMoveTasks", "sqs:ReceiveMessage", "sqs:StartMessageMoveTask",
        ]
        Resource = [for key in local.failure_queues : local.queue_arns[key]]
      },
      {
        Sid      = "LookAtBus"
        Effect   = "Allow"
        Action   = ["events:DescribeEventBus"]
        Resource = [local.bus_arn]
      },
      {
        Sid      = "ReadArtifacts"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:ListBucket"]
        Resource = [local.bucket_arn, "${local.bucket_arn}/*"]
      },
    ],
    [for it in local.using_the_key : { Sid = it.sid, Effect = "Allow", Action = it.actions, Resource = it.resources }],
  )
}
