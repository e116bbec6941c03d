# The smallest installation: everything by default, and one external system.

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
  region = var.region
}

module "actonce" {
  source = "../../../infra/terraform"

  connectors = {
    crm = {
      kind         = "mcp"
      url          = var.crm_url
      tools        = ["crm."]
      token_secret = "actonce/crm-token" # the name of a secret; its value is put there by hand
    }
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-west-1"
}

variable "crm_url" {
  description = "Address of the MCP server in front of the CRM."
  type        = string
}

output "environment" {
  description = "Environment of `actonce --target aws`."
  value       = module.actonce.environment
}

output "publisher_policy" {
  description = "What to attach to the role of a publisher."
  value       = module.actonce.publisher_policy
}

output "console_url" {
  description = "The operators' page."
  value       = module.actonce.console_url
}

output "user_pool_id" {
  description = "Where operators are known; docs/deploy.md says how the first one comes in."
  value       = module.actonce.user_pool_id
}

output "client_id" {
  description = "Which client their tokens are for."
  value       = module.actonce.client_id
}
