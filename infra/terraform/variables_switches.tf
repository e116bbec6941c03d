# Everything is on by default. Off is for emulators, which lack some of it, and for throw-away installations.

variable "endpoint_url" {
  description = "Address of an emulator that the functions are to use for every service; null is AWS."
  type        = string
  default     = null
}

variable "is_deletion_protected" {
  description = "Tables and user pool refuse to be deleted, and the bucket to be emptied. Turn off, apply, then destroy."
  type        = bool
  default     = true
}

variable "has_point_in_time_recovery" {
  description = "Tables can be restored to any second of the last 35 days."
  type        = bool
  default     = true
}

variable "has_alarms" {
  description = "Alarms, and the topic that they go to."
  type        = bool
  default     = true
}

variable "has_dashboard" {
  description = "The CloudWatch dashboard."
  type        = bool
  default     = true
}

variable "has_archive" {
  description = "The archive of approved events."
  type        = bool
  default     = true
}

variable "has_sealing" {
  description = "The ledger is sealed day by day: a function, a KMS key that signs, and a bucket with Object Lock."
  type        = bool
  default     = true
}

variable "has_api" {
  description = "The operators' HTTP API: a function, an API of API Gateway and, unless api_jwt_issuer names an issuer, a user pool."
  type        = bool
  default     = true
}

variable "has_schema_registry" {
  description = "The schemas of the events in EventBridge's schema registry."
  type        = bool
  default     = true
}
