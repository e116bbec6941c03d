# As in production: a key of one's own, alarms that reach somebody, roles within a boundary, several systems.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # State belongs where others find it, locked and encrypted: terraform init -backend-config=backend.hcl
  backend "s3" {
    key          = "actonce/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = { application = "actonce", environment = "production" }
  }
}

module "actonce" {
  source = "../../../infra/terraform"

  name                     = var.name
  orchestrator             = var.orchestrator
  package_path             = var.package_path
  kms_key_arn              = aws_kms_key.this.arn
  permissions_boundary_arn = var.permissions_boundary_arn
  publisher_account_ids    = var.publisher_account_ids
  unknown_tenants          = "closed"

  connectors = {
    crm = {
      kind         = "mcp"
      url          = var.crm_url
      tools        = ["crm."]
      token_secret = aws_secretsmanager_secret.crm_token.name
    }
    calendar = {
      kind  = "mcp"
      url   = var.calendar_url
      tools = ["calendar."]
    }
  }

  paging_secret            = aws_secretsmanager_secret.paging.name
  consumer_max_concurrency = 50
  archive_retention_days   = 90
  alarm_email              = var.alarm_email
  runbook_url              = var.runbook_url
  failed_percent           = 5
}

# Terraform makes the secrets, and never sees their values: aws secretsmanager put-secret-value
resource "aws_secretsmanager_secret" "crm_token" {
  #checkov:skip=CKV2_AWS_57:the CRM hands out tokens by hand; replace it by its own rotation where it has one
  name        = "${var.name}/crm-token"
  description = "Bearer token of the CRM's MCP server."
  kms_key_id  = aws_kms_key.this.arn
}

resource "aws_secretsmanager_secret" "paging" {
  #checkov:skip=CKV2_AWS_57:another value is no more than pages that must be asked for from the first on
  name        = "${var.name}/paging"
  description = "Seals where a listing of the API goes on; 32 bytes or more."
  kms_key_id  = aws_kms_key.this.arn
}
