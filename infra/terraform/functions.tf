# What the three functions share: the package and the environment.

locals {
  package_path = coalesce(var.package_path, "${path.module}/../../build/actonce-lambda.zip")

  package = {
    path         = local.package_path
    sha256       = filebase64sha256(local.package_path)
    runtime      = var.runtime
    architecture = var.architecture
  }

  # A key without a value is left out, for the settings take a missing key for its default.
  connectors = { for name, it in var.connectors : name => { for key, value in it : key => value if value != null } }

  functions_environment = merge(
    {
      ACTONCE_TARGET                    = "aws"
      ACTONCE_AWS_TABLE_PREFIX          = local.table_prefix
      ACTONCE_AWS_QUEUE_URL             = aws_sqs_queue.work.url
      ACTONCE_AWS_DEAD_LETTER_QUEUE_URL = aws_sqs_queue.failed["dead_letters"].url
      ACTONCE_AWS_BUS_NAME              = aws_cloudwatch_event_bus.this.name
      ACTONCE_AWS_ARTIFACTS_BUCKET      = aws_s3_bucket.artifacts.bucket
      ACTONCE_CONNECTORS                = jsonencode(local.connectors)
      ACTONCE_EVENTS_SOURCE             = var.event_source
      ACTONCE_UNKNOWN_TENANTS           = var.unknown_tenants
      ACTONCE_LOG_FIELDS                = join(",", var.log_fields)
      POWERTOOLS_LOG_LEVEL              = var.log_level
      POWERTOOLS_METRICS_NAMESPACE      = var.metrics_namespace
      POWERTOOLS_SERVICE_NAME           = var.name
    },
    var.endpoint_url == null ? {} : { ACTONCE_AWS_ENDPOINT_URL = var.endpoint_url },
  )
}
