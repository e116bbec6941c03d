# What more than one function does, said once; the rest is beside each function. Tables are named one by one:
# nobody reads what it does not use, and only operators change switches.

locals {
  # What an execution is: whoever looks at one reads all three tables in one transaction, which asks for GetItem.
  execution_rows = [for it in local.execution_tables : local.table_arns[it]]

  # Claim, prepare and settle are puts in one transaction, which ask for PutItem alone.
  calling_tools = concat(
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
        sid        = "KeepLargeResponses"
        actions    = ["s3:PutObject"]
        resources  = ["${local.bucket_arn}/*"]
        conditions = {}
      },
    ],
    local.tokens_of_connectors,
    local.invoking_gateways,
    local.using_the_key,
  )

  # Gateways of others; the right to call our own is a policy of its own, for its ARN is known last.
  invoking_gateways = [for arns in [var.gateway_arns] : {
    sid        = "InvokeGateways"
    actions    = ["bedrock-agentcore:InvokeGateway"]
    resources  = arns
    conditions = {}
  } if length(arns) > 0]

  waking_up = [{
    sid        = "WakeUps"
    actions    = ["sqs:SendMessage"]
    resources  = [local.queue_arns.work]
    conditions = {}
  }]

  carrying_out = concat(local.calling_tools, local.waking_up)

  # Consumer or starter: takes from the work queue, stores what an event embeds, and says why something is refused.
  taking_work = [
    {
      sid        = "TakeWork"
      actions    = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      resources  = [local.queue_arns.work]
      conditions = {}
    },
    {
      sid        = "BuryWithReason"
      actions    = ["sqs:SendMessage"]
      resources  = [local.queue_arns.dead_letters]
      conditions = {}
    },
    {
      sid        = "StoreEmbeddedIntents"
      actions    = ["dynamodb:PutItem"]
      resources  = [local.table_arns["intents"]]
      conditions = {}
    },
  ]

  # A refusal is appended to a chain of its own, whose head no row keeps.
  heading_side_chains = [{
    sid        = "HeadOfSideChain"
    actions    = ["dynamodb:Query"]
    resources  = [local.table_arns["ledger"]]
    conditions = {}
  }]

  tokens_of_connectors = [for arns in [local.secret_arns] : {
    sid        = "TokensOfConnectors"
    actions    = ["secretsmanager:GetSecretValue"]
    resources  = arns
    conditions = {}
  } if length(arns) > 0]

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
    flatten([for it in var.has_archive ? [true] : [] : [
      {
        Sid      = "Replay"
        Effect   = "Allow"
        Action   = ["events:DescribeArchive", "events:StartReplay"]
        Resource = [local.archive_arn, local.bus_arn]
      },
      {
        Sid      = "FollowReplays"
        Effect   = "Allow"
        Action   = ["events:DescribeReplay", "events:StartReplay"]
        Resource = [local.replays_arn]
      },
    ]]),
    # Whoever verifies the ledger reads what was sealed, and cannot seal.
    flatten(local.verifier_statements),
    [for arn in local.is_orchestrated ? [local.runs_arn] : [] : {
      Sid      = "StopAndDescribeExecutions"
      Effect   = "Allow"
      Action   = ["states:DescribeExecution", "states:StopExecution"]
      Resource = [arn]
    }],
    # What was buried out of this queue goes back into it.
    [for arn in local.is_orchestrated ? [local.queue_arns.ended] : [] : {
      Sid      = "SettleAgain"
      Effect   = "Allow"
      Action   = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
      Resource = [arn]
    }],
    [for it in local.using_the_key : { Sid = it.sid, Effect = "Allow", Action = it.actions, Resource = it.resources }],
  )
}
