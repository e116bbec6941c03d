variable "heads_bucket_name" {
  description = "Name of the bucket for the signed heads of the ledger; null composes one of name, account and region."
  type        = string
  default     = null
}

variable "heads_lock_mode" {
  description = "Object Lock of that bucket: GOVERNANCE (a right of its own shortens it) or COMPLIANCE (nobody can, nor can the account be rid of the bucket before)."
  type        = string
  default     = "GOVERNANCE"

  validation {
    condition     = contains(["GOVERNANCE", "COMPLIANCE"], var.heads_lock_mode)
    error_message = "heads_lock_mode must be GOVERNANCE or COMPLIANCE."
  }
}

variable "heads_lock_days" {
  description = "Days for which a head cannot be changed or removed."
  type        = number
  default     = 3650

  validation {
    condition     = var.heads_lock_days >= 1 && var.heads_lock_days <= 36500
    error_message = "heads_lock_days must be 1 to 36500."
  }
}

variable "sealer_timeout_s" {
  description = "Seconds that a run of the sealer is given; what it does not come to is done by the next."
  type        = number
  default     = 900

  validation {
    condition     = var.sealer_timeout_s >= 30 && var.sealer_timeout_s <= 900
    error_message = "sealer_timeout_s must be 30 to 900."
  }
}

variable "sealer_memory_mb" {
  description = "Memory of the sealer; it holds a piece of a day at a time."
  type        = number
  default     = 512
}

variable "unsealed_age_s" {
  description = "Seconds after the end of a day at which it is told that it is not sealed. The sealer runs at 1:30 and 13:30 UTC, so half a day is after the second vain run."
  type        = number
  default     = 43200

  validation {
    condition     = var.unsealed_age_s >= 3600
    error_message = "unsealed_age_s must be 3600 or more: a day is sealed an hour after its end at the earliest."
  }
}
