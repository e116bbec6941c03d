variable "publisher_policy" {
  description = "The module's output of this name: to put ACTION_APPROVED on the bus, and intents into their table."
  type        = string

  validation {
    condition     = can(jsondecode(var.publisher_policy).Statement)
    error_message = "publisher_policy must be a policy document."
  }
}

variable "role_name" {
  description = "Name of the role that the publisher has."
  type        = string
}
