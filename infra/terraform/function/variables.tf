variable "name" {
  description = "Name of the function, and of its log group."
  type        = string
}

variable "role_name" {
  description = "Name of the function's role. IAM knows no regions, so it should name one."
  type        = string
}

variable "description" {
  description = "What the function does, in a sentence."
  type        = string
}

variable "handler" {
  description = "The module and function that Lambda calls."
  type        = string
}

variable "package" {
  description = "The zip, where else it lies than on this machine, and how it is run."
  type = object({
    path         = string
    sha256       = string
    runtime      = string
    architecture = string
    bucket       = optional(string)
    key          = optional(string)
  })
}

variable "timeout_s" {
  description = "Seconds after which Lambda ends an invocation."
  type        = number
}

variable "memory_mb" {
  description = "Memory in megabytes; the share of a processor grows with it."
  type        = number
}

variable "environment" {
  description = "Environment variables. They are no place for a secret: they are shown in the console and in the state."
  type        = map(string)
}

variable "log_group_arn" {
  description = "ARN that the log group is going to have."
  type        = string
}

variable "log_retention_days" {
  description = "Days that log lines are kept."
  type        = number
}

variable "kms_key_arn" {
  description = "Key for the log group and the environment; null leaves both to the keys of AWS."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "Boundary of the role, where the account demands one."
  type        = string
  default     = null
}

variable "statements" {
  description = "All that the function may do beside writing its own log."
  type = list(object({
    sid        = string
    actions    = list(string)
    resources  = list(string)
    conditions = optional(map(map(list(string))), {})
  }))
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
