variable "failed_percent" {
  description = "Percent of outcomes within five minutes above which failures are told."
  type        = number
  default     = 10

  validation {
    condition     = var.failed_percent >= 0 && var.failed_percent < 100
    error_message = "failed_percent must be 0 to 99."
  }
}

variable "failed_least_actions" {
  description = "Outcomes within five minutes below which their ratio says nothing."
  type        = number
  default     = 10

  validation {
    condition     = var.failed_least_actions >= 1
    error_message = "failed_least_actions must be 1 or more."
  }
}

variable "in_doubt_age_s" {
  description = "Seconds after which doubt is told that did not settle by itself; above the longest settle delay of the registry."
  type        = number
  default     = 300

  validation {
    condition     = var.in_doubt_age_s >= 0
    error_message = "in_doubt_age_s must not be negative."
  }
}

variable "overdue_age_s" {
  description = "Seconds that something may be due before it counts as stuck."
  type        = number
  default     = 300

  validation {
    condition     = var.overdue_age_s >= 60
    error_message = "overdue_age_s must be 60 or more: the sweeper comes by once a minute."
  }
}

variable "relay_age_s" {
  description = "Seconds that a signal may wait to be published."
  type        = number
  default     = 180

  validation {
    condition     = var.relay_age_s >= 60
    error_message = "relay_age_s must be 60 or more: the sweeper, which measures it, comes by once a minute."
  }
}

variable "work_age_s" {
  description = "Seconds that the oldest message may be in the work queue. Wake-ups wait there for up to 900."
  type        = number
  default     = 1800

  validation {
    condition     = var.work_age_s > 900
    error_message = "work_age_s must be over 900, for which a wake-up may wait."
  }
}

variable "ended_age_s" {
  description = "Seconds that an execution of the state machine which did not end by itself may wait to be settled."
  type        = number
  default     = 900

  validation {
    condition     = var.ended_age_s >= 60
    error_message = "ended_age_s must be 60 or more."
  }
}
