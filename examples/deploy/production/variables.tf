variable "account_id" {
  description = "The account that this belongs into; another one is refused."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-west-1"
}

variable "name" {
  description = "Name of the installation."
  type        = string
  default     = "actonce"
}

variable "orchestrator" {
  description = "direct: a consumer takes all steps, about $12 for a million actions. step_functions: a state machine with a function and a role for each step, about $214. docs/deploy.md compares them."
  type        = string
  default     = "direct"
}

variable "package_path" {
  description = "The zip that `make package` built."
  type        = string
  default     = "../../../build/actonce-lambda.zip"
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role, where the account demands one."
  type        = string
  default     = null
}

variable "publisher_account_ids" {
  description = "Other accounts that publish approved actions."
  type        = list(string)
  default     = []
}

variable "crm_url" {
  description = "Address of the MCP server in front of the CRM."
  type        = string
}

variable "calendar_url" {
  description = "Address of the MCP server in front of the calendar."
  type        = string
}

variable "alarm_email" {
  description = "Who is told of alarms; the address must confirm once."
  type        = string
}

variable "runbook_url" {
  description = "Where docs/runbook.md is published."
  type        = string
}
