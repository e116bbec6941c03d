# The real module on an emulator, which is found at one address: an installation of each mode beside the other, in one
# apply, for they wait for the same things at the same time. Nothing here is for AWS.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region     = "us-east-1"
  access_key = var.access_key
  secret_key = var.secret_key

  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  s3_use_path_style           = true
  max_retries                 = 3

  endpoints {
    apigatewayv2   = var.endpoint_url
    cloudwatch     = var.endpoint_url
    cloudwatchlogs = var.endpoint_url
    dynamodb       = var.endpoint_url
    events         = var.endpoint_url
    iam            = var.endpoint_url
    kms            = var.endpoint_url
    lambda         = var.endpoint_url
    s3             = var.endpoint_url
    schemas        = var.endpoint_url
    secretsmanager = var.endpoint_url
    sfn            = var.endpoint_url
    sns            = var.endpoint_url
    sqs            = var.endpoint_url
    sts            = var.endpoint_url
  }
}

# Uploaded with each function, the package would have them made one after the other, at five seconds and more each.
resource "aws_s3_bucket" "packages" {
  bucket        = "packages"
  force_destroy = true
}

module "actonce" {
  source = "../../../infra/terraform"

  name                       = var.name
  package_path               = var.package_path
  package_bucket             = aws_s3_bucket.packages.bucket
  runtime                    = var.runtime
  architecture               = var.architecture
  endpoint_url               = var.endpoint_url
  connectors                 = var.connectors
  unknown_tenants            = var.unknown_tenants
  consumer_timeout_s         = var.consumer_timeout_s
  consumer_max_concurrency   = var.consumer_max_concurrency
  relay_retries              = var.relay_retries
  log_level                  = var.log_level
  is_deletion_protected      = false
  has_point_in_time_recovery = var.has_point_in_time_recovery
  has_alarms                 = var.has_alarms
  has_dashboard              = var.has_dashboard
  has_archive                = var.has_archive
  has_schema_registry        = var.has_schema_registry
  has_sealing                = var.has_sealing
  # The same in either mode but for what a cancel stops, so it is looked at where there is something to stop.
  has_api = false
}

module "steps" {
  source = "../../../infra/terraform"

  orchestrator               = "step_functions"
  name                       = var.steps_name
  package_path               = var.package_path
  package_bucket             = aws_s3_bucket.packages.bucket
  runtime                    = var.runtime
  architecture               = var.architecture
  endpoint_url               = var.endpoint_url
  connectors                 = var.connectors
  unknown_tenants            = var.unknown_tenants
  step_call_timeout_s        = var.step_call_timeout_s
  consumer_max_concurrency   = var.consumer_max_concurrency
  relay_retries              = var.relay_retries
  log_level                  = var.log_level
  is_deletion_protected      = false
  has_point_in_time_recovery = var.has_point_in_time_recovery
  has_alarms                 = var.has_alarms
  has_dashboard              = var.has_dashboard
  has_archive                = var.has_archive
  has_schema_registry        = var.has_schema_registry
  # The same in either mode, so it is looked at in one.
  has_sealing = false

  has_api          = var.api_jwt_issuer != null
  api_jwt_issuer   = var.api_jwt_issuer
  api_jwt_audience = var.api_jwt_audience
}

output "actonce" {
  description = "Everything that the module tells in direct mode."
  value       = module.actonce
}

output "steps" {
  description = "The same in step_functions mode."
  value       = module.steps
}
