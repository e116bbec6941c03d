# The AgentCore gateway and the target of ours behind it; docs/connectors/gateway.md explains both.

variable "has_gateway" {
  description = "An AgentCore gateway with our own target behind it. Off unless you want one: calls of connectors need none."
  type        = bool
  default     = false
}

variable "gateway_targets" {
  description = "The targets, by the name that their tools begin with: those of gateway_tools/, or of gateway_tools_folder."
  type        = set(string)
  default     = ["internal"]

  validation {
    condition     = length(var.gateway_targets) > 0 && alltrue([for it in var.gateway_targets : can(regex("^[a-z][a-z0-9_]{0,98}[a-z0-9]$", it))])
    error_message = "gateway_targets needs names of lower-case letters, digits and underscores, as the registry's tools begin."
  }
}

variable "gateway_tools_folder" {
  description = "Folder of tool definitions, a JSON file for each target; null is those that come with this module."
  type        = string
  default     = null
}

variable "gateway_connectors" {
  description = "The external systems that the target calls, as connectors has them. The internal notes and tasks are always there."
  type        = any
  default     = {}

  validation {
    condition     = alltrue([for it in var.gateway_connectors : contains(["google_calendar", "http", "internal", "mcp", "salesforce"], try(it.kind, ""))])
    error_message = "The kind of a connector must be mcp, internal, salesforce, google_calendar or http."
  }
}

variable "gateway_effects" {
  description = "By tool, its effect contract towards the external system, as a registry entry's effect. A tool that is not named is OPAQUE: never sent again in doubt."
  type        = any
  default     = {}

  validation {
    condition = alltrue([
      for it in var.gateway_effects :
      contains(["READ_ONLY", "PROVIDER_KEY", "NATURAL_KEY", "CLIENT_ID", "READ_BACK", "OPAQUE"], try(it.contract, ""))
    ])
    error_message = "Each effect needs a contract: READ_ONLY, PROVIDER_KEY, NATURAL_KEY, CLIENT_ID, READ_BACK or OPAQUE."
  }
}

variable "gateway_proof_secret" {
  description = "Secret, by name or ARN in Secrets Manager, of the keys that executor and target share. Required with has_gateway."
  type        = string
  default     = null

  validation {
    condition     = !var.has_gateway || try(length(var.gateway_proof_secret) > 0, false)
    error_message = "gateway_proof_secret must name the secret of the proofs: without it the target trusts nobody."
  }
}

variable "gateway_authorizer" {
  description = "Who may call the gateway: AWS_IAM (whoever may bedrock-agentcore:InvokeGateway), or CUSTOM_JWT (gateway_jwt says whose tokens)."
  type        = string
  default     = "AWS_IAM"

  validation {
    condition     = contains(["AWS_IAM", "CUSTOM_JWT"], var.gateway_authorizer)
    error_message = "gateway_authorizer must be AWS_IAM or CUSTOM_JWT. There is no gateway of ours that lets just anybody in."
  }
}

variable "gateway_jwt" {
  description = "Whose tokens the gateway takes: the issuer's discovery document, and the audiences, clients or scopes of which a token needs one."
  type = object({
    discovery_url = string
    audiences     = optional(list(string), [])
    clients       = optional(list(string), [])
    scopes        = optional(list(string), [])
  })
  default = null

  validation {
    condition     = (var.gateway_authorizer == "CUSTOM_JWT") == (var.gateway_jwt != null)
    error_message = "gateway_jwt belongs to CUSTOM_JWT, which needs it."
  }

  validation {
    condition     = var.gateway_jwt == null || can(regex("^https://.+/\\.well-known/(openid-configuration|oauth-authorization-server)$", var.gateway_jwt.discovery_url))
    error_message = "discovery_url must be https and end in /.well-known/openid-configuration or /.well-known/oauth-authorization-server."
  }

  validation {
    condition     = var.gateway_jwt == null || try(length(concat(var.gateway_jwt.audiences, var.gateway_jwt.clients)) > 0, false)
    error_message = "gateway_jwt needs an audience or a client: otherwise every token of the issuer would do."
  }
}

variable "gateway_arns" {
  description = "ARNs of gateways of others that connectors of kind mcp call, signed by sigv4."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for it in var.gateway_arns : can(regex("^arn:[a-z-]+:bedrock-agentcore:[a-z0-9-]+:[0-9]{12}:gateway/[a-z0-9-]+$", it))])
    error_message = "gateway_arns must be ARNs of AgentCore gateways."
  }
}

variable "gateway_target_timeout_s" {
  description = "Seconds that the target is given for a call; the longest timeout of a tool must fit in."
  type        = number
  default     = 300

  validation {
    condition     = var.gateway_target_timeout_s >= 10 && var.gateway_target_timeout_s <= 900
    error_message = "gateway_target_timeout_s must be 10 to 900."
  }
}

variable "gateway_target_memory_mb" {
  description = "Memory of the target, which works on one call at a time."
  type        = number
  default     = 512
}
