variable "consumer_timeout_s" {
  description = "Seconds that the consumer of direct mode is given for a batch; the longest timeout of a tool must fit in."
  type        = number
  default     = 300

  validation {
    condition     = var.consumer_timeout_s >= 10 && var.consumer_timeout_s <= 900
    error_message = "consumer_timeout_s must be 10 to 900."
  }
}

variable "consumer_memory_mb" {
  description = "Memory of the consumer of direct mode."
  type        = number
  default     = 1024
}

variable "consumer_max_concurrency" {
  description = "Consumers that run at once at most: what the slowest external system can take. In step_functions mode it bounds the starters, and so how fast executions begin, not how many run."
  type        = number
  default     = 20

  validation {
    condition     = var.consumer_max_concurrency >= 2 && var.consumer_max_concurrency <= 1000
    error_message = "consumer_max_concurrency must be 2 to 1000, which are Lambda's own bounds."
  }
}

variable "batch_size" {
  description = "Messages that a consumer or starter gets at once at most."
  type        = number
  default     = 10

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10
    error_message = "batch_size must be 1 to 10."
  }
}

variable "visibility_timeout_s" {
  description = "Seconds that a message stays with one consumer or starter; null is six times its timeout. The sweeper takes over earlier what a dead consumer left."
  type        = number
  default     = null

  validation {
    condition     = var.visibility_timeout_s == null || try(var.visibility_timeout_s >= 6 * local.work_timeout_s, false)
    error_message = "visibility_timeout_s must be at least six times consumer_timeout_s, or six minutes in step_functions mode."
  }

  validation {
    condition     = try(var.visibility_timeout_s, null) == null || try(var.visibility_timeout_s <= 43200, false)
    error_message = "visibility_timeout_s must be at most 43200, which is SQS's own bound."
  }
}

variable "max_receive_count" {
  description = "Receives after which SQS itself buries a message. It is the last resort, for a message that kills its function. Putting a message back while a store is away counts too: a hundred is some hours of that."
  type        = number
  default     = 100

  validation {
    condition     = var.max_receive_count >= 8 && var.max_receive_count <= 1000
    error_message = "max_receive_count must be 8 to 1000: an event that waits for its intent is received seven times."
  }
}

variable "step_call_timeout_s" {
  description = "Seconds that a step which calls a tool is given (invoke, reconcile, compensate); the longest timeout of a tool must fit in."
  type        = number
  default     = 900

  validation {
    condition     = var.step_call_timeout_s >= 10 && var.step_call_timeout_s <= 900
    error_message = "step_call_timeout_s must be 10 to 900."
  }
}

variable "step_memory_mb" {
  description = "Memory of the functions of step_functions mode, each of which works on one thing at a time."
  type        = number
  default     = 512
}

variable "relay_timeout_s" {
  description = "Seconds that the relay is given for a batch."
  type        = number
  default     = 60

  validation {
    condition     = var.relay_timeout_s >= 5 && var.relay_timeout_s <= 900
    error_message = "relay_timeout_s must be 5 to 900."
  }
}

variable "relay_memory_mb" {
  description = "Memory of the relay."
  type        = number
  default     = 512
}

variable "relay_retries" {
  description = "How often the relay tries a stream record again before it goes to the failure queue. The sweeper publishes it anyway."
  type        = number
  default     = 10

  validation {
    condition     = var.relay_retries >= 0 && var.relay_retries <= 1000
    error_message = "relay_retries must be 0 to 1000: it is finite, for one record must not hold up the others."
  }
}

variable "relay_max_age_s" {
  description = "Seconds after which a stream record goes to the failure queue."
  type        = number
  default     = 3600

  validation {
    condition     = var.relay_max_age_s >= 60 && var.relay_max_age_s <= 86400
    error_message = "relay_max_age_s must be 60 to 86400."
  }
}

variable "sweep_every_minutes" {
  description = "How often the sweeper looks for what others left."
  type        = number
  default     = 1

  validation {
    condition     = var.sweep_every_minutes >= 1 && var.sweep_every_minutes == floor(var.sweep_every_minutes)
    error_message = "sweep_every_minutes must be a whole number of 1 or more."
  }
}

variable "sweeper_timeout_s" {
  description = "Seconds that a sweep is given. Two sweeps at once are harmless."
  type        = number
  default     = 300

  validation {
    condition     = var.sweeper_timeout_s >= 10 && var.sweeper_timeout_s <= 900
    error_message = "sweeper_timeout_s must be 10 to 900."
  }
}

variable "sweeper_memory_mb" {
  description = "Memory of the sweeper."
  type        = number
  default     = 512
}

variable "delivery_max_age_s" {
  description = "Seconds that EventBridge tries to deliver an event before it goes to the failure queue."
  type        = number
  default     = 86400

  validation {
    condition     = var.delivery_max_age_s >= 60 && var.delivery_max_age_s <= 86400
    error_message = "delivery_max_age_s must be 60 to 86400."
  }
}

variable "log_level" {
  description = "Level from which lines are logged."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level must be DEBUG, INFO, WARNING or ERROR."
  }
}

variable "log_fields" {
  description = "Arguments of tools whose values may stand in the logs, by name. None do by default."
  type        = list(string)
  default     = []

  validation {
    condition = length(var.log_fields) <= 32 && alltrue([
      for it in var.log_fields :
      can(regex("^[A-Za-z0-9_.-]{1,64}$", it)) &&
      !can(regex("authorization|credential|password|secret|token", lower(it)))
    ])
    error_message = "log_fields must be 32 names at most, of letters, digits, _ . and -, none of which speaks of a secret."
  }
}

variable "log_retention_days" {
  description = "Days that log lines are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch offers, such as 30, 90, 365 or 731."
  }
}

variable "metrics_namespace" {
  description = "CloudWatch namespace of our own metrics."
  type        = string
  default     = "actonce"
}

variable "artifacts_retention_days" {
  description = "Days that a large response is kept."
  type        = number
  default     = 400

  validation {
    condition     = var.artifacts_retention_days >= 1
    error_message = "artifacts_retention_days must be 1 or more."
  }
}

variable "archive_retention_days" {
  description = "Days that approved events are kept for replay. A replay is harmless: what is done is not done again."
  type        = number
  default     = 30

  validation {
    condition     = var.archive_retention_days >= 1
    error_message = "archive_retention_days must be 1 or more; 0 would be for ever."
  }
}
