# What an installation decides first. How things are tuned is in variables_tuning.tf, what an emulator lacks in variables_switches.tf.

variable "name" {
  description = "Begins the name of everything here, so that several installations fit into one account."
  type        = string
  default     = "actonce"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 24 lower-case letters, digits and hyphens, from a letter to a letter or digit."
  }
}

variable "orchestrator" {
  description = "Who takes the steps of an action: direct (a consumer, one after the other) or step_functions (a state machine, a function each). docs/deploy.md compares them."
  type        = string
  default     = "direct"

  validation {
    condition     = contains(["direct", "step_functions"], var.orchestrator)
    error_message = "orchestrator must be direct or step_functions."
  }
}

variable "package_path" {
  description = "The zip that `make package` builds; null is build/actonce-lambda.zip of this repository."
  type        = string
  default     = null

  validation {
    condition     = var.package_path == null || can(filesha256(var.package_path))
    error_message = "package_path must name a file that can be read. Run: make package"
  }
}

variable "package_bucket" {
  description = "A bucket of yours that the package is uploaded to, once for all functions, which are then made at the same time; null uploads it with each, one after the other."
  type        = string
  default     = null
}

variable "runtime" {
  description = "Runtime that the package was built for."
  type        = string
  default     = "python3.13"

  validation {
    condition     = can(regex("^python3\\.1[1-9]$", var.runtime))
    error_message = "runtime must be python3.11 or newer."
  }
}

variable "architecture" {
  description = "Processor that the package was built for."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64."
  }
}

variable "connectors" {
  description = "External systems by name, as the [connectors] tables of actonce.toml (docs/connectors.md). Secrets are named, never given: token_secret, or secret in a table under auth, is a name or ARN in Secrets Manager."
  # Each kind has keys of its own, which the functions check when they start; here only what rights rest on.
  type    = any
  default = {}

  validation {
    condition     = alltrue([for it in var.connectors : contains(["google_calendar", "http", "internal", "mcp", "salesforce"], try(it.kind, ""))])
    error_message = "The kind of a connector must be mcp, internal, salesforce, google_calendar or http."
  }

  validation {
    condition = alltrue([
      for it in var.connectors :
      try(it.kind, "") != "mcp" || ((try(it.url, "") == "gateway" ? var.has_gateway : can(regex("^https?://[^@/]+", it.url))) && try(length(it.tools) > 0, false))
    ])
    error_message = "A connector of kind mcp needs an http or https url without a user name, or gateway for our own one (has_gateway), and the prefixes of its tools."
  }

  validation {
    condition = alltrue([
      for it in var.connectors :
      try(it.token_secret, null) == null || try(it.url == "gateway", false) || can(regex("^https://", it.url)) ||
      can(regex("^http://(localhost|127\\.0\\.0\\.1)[:/]", it.url))
    ])
    error_message = "A token goes over https only, or to this machine."
  }
}

variable "egress_hosts" {
  description = "The hosts that connectors may reach, token endpoints among them: names, addresses, or *.example.com for all below it. None: each connector reaches its own host. Our own gateway need not be named."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for it in var.egress_hosts : can(regex("^(?:\\*\\.)?[A-Za-z0-9_.:-]{1,253}$", it))])
    error_message = "egress_hosts takes a host's name or address, or *. before a name: no scheme, no port, no path."
  }

  validation {
    condition     = length(join(",", var.egress_hosts)) <= 2000
    error_message = "egress_hosts may have 2000 characters in all: the environment of a function holds 4 KB, and the connectors are in it too."
  }
}

variable "event_source" {
  description = "Source of the events of this system, in and out."
  type        = string
  default     = "cc-native"

  validation {
    condition     = can(regex("^[A-Za-z0-9_./-]{1,256}$", var.event_source)) && !startswith(var.event_source, "aws.")
    error_message = "event_source must be letters, digits, _ . / and -, and must not begin with aws., which is AWS's own."
  }
}

variable "unknown_tenants" {
  description = "What holds for a tenant that nobody opened: closed (nothing is sent), or enabled."
  type        = string
  default     = "closed"

  validation {
    condition     = contains(["closed", "enabled"], var.unknown_tenants)
    error_message = "unknown_tenants must be closed or enabled."
  }
}

variable "kms_key_arn" {
  description = "A key of yours for tables, queues, bucket, topic, logs and functions; null leaves encryption to the keys of AWS. examples/deploy/production shows its policy."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, not of an alias."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role, where the account demands one."
  type        = string
  default     = null
}

variable "publisher_account_ids" {
  description = "Other AWS accounts that may publish approved actions on the bus. Publishers of this account need no entry here."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for it in var.publisher_account_ids : can(regex("^[0-9]{12}$", it))])
    error_message = "An account id has twelve digits."
  }
}

variable "registry_folder" {
  description = "Folder of registry entries, one JSON file per action type and version; null is those that come with this module."
  type        = string
  default     = null
}

variable "artifacts_bucket_name" {
  description = "Name of the bucket for large responses; null composes one of name, account and region."
  type        = string
  default     = null
}

variable "alarm_email" {
  description = "Address that alarms are mailed to; it must confirm once. Null subscribes nobody: subscribe to the topic yourself."
  type        = string
  default     = null
}

variable "runbook_url" {
  description = "Where the runbook is published; each alarm's description names its section."
  type        = string
  default     = "docs/runbook.md"
}

variable "tags" {
  description = "Tags of everything that can have some."
  type        = map(string)
  default     = {}
}
