variable "endpoint_url" {
  description = "Address of the emulator."
  type        = string
}

variable "package_path" {
  description = "The zip, built for the emulator's own interpreter."
  type        = string
}

variable "access_key" {
  description = "Access key; any, unless the emulator enforces IAM."
  type        = string
  default     = "test"
}

variable "secret_key" {
  description = "Secret key; any, unless the emulator enforces IAM."
  type        = string
  default     = "test"
}

variable "name" {
  description = "Name of the installation in direct mode."
  type        = string
  default     = "actonce"
}

variable "steps_name" {
  description = "Name of the installation in step_functions mode; what is seen under one name is not seen under the other."
  type        = string
  default     = "steps"
}

variable "runtime" {
  description = "Runtime of the functions."
  type        = string
  default     = "python3.11"
}

variable "architecture" {
  description = "Processor of the functions."
  type        = string
  default     = "x86_64"
}

variable "connectors" {
  description = "External systems."
  type        = any
  default     = {}
}

variable "unknown_tenants" {
  description = "Tenants that nobody opened."
  type        = string
  default     = "enabled"
}

variable "consumer_timeout_s" {
  description = "Short, so that what a killed consumer held is soon visible again."
  type        = number
  default     = 10
}

variable "consumer_max_concurrency" {
  description = "Consumers that run at once."
  type        = number
  default     = 4
}

variable "step_call_timeout_s" {
  description = "Short, as that of the consumer."
  type        = number
  default     = 10
}

variable "relay_retries" {
  description = "Retries of the relay."
  type        = number
  default     = 2
}

variable "log_level" {
  description = "Level of the logs."
  type        = string
  default     = "INFO"
}

variable "has_point_in_time_recovery" {
  description = "Whether the emulator knows it."
  type        = bool
  default     = true
}

variable "has_alarms" {
  description = "Whether the emulator knows alarms."
  type        = bool
  default     = true
}

variable "has_dashboard" {
  description = "Whether the emulator knows dashboards."
  type        = bool
  default     = true
}

variable "has_archive" {
  description = "Whether the emulator knows archives."
  type        = bool
  default     = true
}

variable "has_schema_registry" {
  description = "ministack has none."
  type        = bool
  default     = false
}

variable "has_sealing" {
  description = "Whether the installation in direct mode seals its ledger."
  type        = bool
  default     = true
}

variable "api_jwt_issuer" {
  description = "Issuer whose tokens the API of the installation in step_functions mode takes; without one it has no API, as on an emulator that knows none."
  type        = string
  default     = null
}

variable "api_jwt_audience" {
  description = "Audiences of these tokens."
  type        = list(string)
  default     = []
}
