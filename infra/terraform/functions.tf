# What the functions share: the package and the environment.

resource "aws_s3_object" "package" {
  #checkov:skip=CKV_AWS_186:with kms_key_arn the key is yours, without it the bucket's own; the package holds no secret
  count = var.package_bucket == null ? 0 : 1

  bucket     = var.package_bucket
  key        = "${var.name}/${filesha256(local.package_path)}.zip"
  source     = local.package_path
  kms_key_id = var.kms_key_arn
  tags       = var.tags
}

locals {
  package_path = coalesce(var.package_path, "${path.module}/../../build/actonce-lambda.zip")

  package = {
    path         = local.package_path
    sha256       = filebase64sha256(local.package_path)
    runtime      = var.runtime
    architecture = var.architecture
    bucket       = one(aws_s3_object.package[*].bucket)
    key          = one(aws_s3_object.package[*].key)
  }

  # A key without a value is left out, for the settings take a missing key for its default.
  # The url "gateway" is that of our own one.
  connectors = { for name, it in var.connectors : name => merge(
    { for key, value in it : key => value if value != null },
    { for url in aws_cloudformation_stack.gateway[*].outputs["GatewayUrl"] : "url" => url if try(it.url, "") == "gateway" },
  ) }

  # A host of our own that nobody knows before it is made, so it is added to the list of those that may be reached.
  own_hosts = flatten([
    for url in aws_cloudformation_stack.gateway[*].outputs["GatewayUrl"] : regex("^https://([^/:]+)", url)
    if anytrue([for it in var.connectors : try(it.url, "") == "gateway"])
  ])
  egress_hosts = length(var.egress_hosts) == 0 ? "" : join(",", distinct(concat(var.egress_hosts, local.own_hosts)))

  functions_environment = merge(
    {
      ACTONCE_TARGET                    = "aws"
      ACTONCE_AWS_TABLE_PREFIX          = local.table_prefix
      ACTONCE_AWS_QUEUE_URL             = aws_sqs_queue.work.url
      ACTONCE_AWS_DEAD_LETTER_QUEUE_URL = aws_sqs_queue.failed["dead_letters"].url
      ACTONCE_AWS_BUS_NAME              = aws_cloudwatch_event_bus.this.name
      ACTONCE_AWS_ARTIFACTS_BUCKET      = aws_s3_bucket.artifacts.bucket
      ACTONCE_CONNECTORS                = jsonencode(local.connectors)
      ACTONCE_EGRESS_HOSTS              = local.egress_hosts
      ACTONCE_EVENTS_SOURCE             = var.event_source
      ACTONCE_UNKNOWN_TENANTS           = var.unknown_tenants
      ACTONCE_LOG_FIELDS                = join(",", var.log_fields)
      POWERTOOLS_LOG_LEVEL              = var.log_level
      POWERTOOLS_METRICS_NAMESPACE      = var.metrics_namespace
      POWERTOOLS_SERVICE_NAME           = var.name
    },
    local.is_orchestrated ? { ACTONCE_AWS_STATE_MACHINE_ARN = local.machine_arn } : {},
    var.endpoint_url == null ? {} : { ACTONCE_AWS_ENDPOINT_URL = var.endpoint_url },
  )

  # Every function of this mode, by what its name ends with.
  functions = merge(
    { for it in module.consumer[*] : "consumer" => it },
    { for it in module.starter[*] : "starter" => it },
    { for key, it in module.step : "step-${replace(key, "_", "-")}" => it },
    { for it in module.ended[*] : "ended" => it },
    { for it in module.gateway_target[*] : "gateway-target" => it },
    { for it in module.sealer[*] : "sealer" => it },
    { for it in module.api[*] : "api" => it },
    { relay = module.relay, sweeper = module.sweeper },
  )
  function_names = { for key, it in local.functions : key => it.name }
}
