# The operators' HTTP API; docs/api.md explains it. Its switch is has_api.

variable "paging_secret" {
  description = "Secret, by name or ARN in Secrets Manager, of 32 bytes or more, by which the API seals where a listing goes on; null is NAME/paging. Terraform does not make it."
  type        = string
  default     = null

  validation {
    condition     = var.paging_secret == null || can(regex("^[A-Za-z0-9/_+=.@:-]{1,512}$", var.paging_secret))
    error_message = "paging_secret must be the name or the ARN of a secret."
  }
}

variable "api_jwt_issuer" {
  description = "Issuer whose tokens the API takes; null makes a user pool of Cognito."
  type        = string
  default     = null

  validation {
    condition     = var.api_jwt_issuer == null || can(regex("^https://[^@/?#]+(/[^?#]*)?$", var.api_jwt_issuer)) || can(regex("^http://(localhost|127\\.0\\.0\\.1):[0-9]+$", var.api_jwt_issuer))
    error_message = "api_jwt_issuer must be https, without a user name and a query, or an address of this machine for an emulator."
  }
}

variable "api_jwt_audience" {
  description = "Audiences of which a token of that issuer needs one."
  type        = list(string)
  default     = []

  validation {
    condition     = (var.api_jwt_issuer != null) == (length(var.api_jwt_audience) > 0) && alltrue([for it in var.api_jwt_audience : length(it) > 0])
    error_message = "api_jwt_audience belongs to api_jwt_issuer, which needs it: otherwise every token of the issuer would do."
  }
}

variable "api_callback_urls" {
  description = "Further addresses that the user pool may send a person back to with an authorization code; with api_domain_prefix the console's own is one already. Without either there is only what an administrator starts."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for it in var.api_callback_urls : can(regex("^https://[^@/?#]+(/[^#]*)?$", it)) || can(regex("^http://localhost(:[0-9]+)?(/[^#]*)?$", it))])
    error_message = "api_callback_urls must be https, or http to localhost, without a fragment."
  }
}

variable "api_domain_prefix" {
  description = "Prefix of the domain of the user pool's own sign-in page, unique in the region; the console signs in there. Null makes none."
  type        = string
  default     = null

  validation {
    condition     = var.api_domain_prefix == null || can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.api_domain_prefix))
    error_message = "api_domain_prefix must be 1 to 63 lower-case letters, digits and hyphens."
  }
}

variable "api_sign_in" {
  description = "Where the console signs a person in at the issuer of api_jwt_issuer: its endpoints, and a client of it without a secret; null leaves the console asking for a token."
  type = object({
    authorize_url = string
    token_url     = string
    client_id     = string
    scopes        = optional(string, "openid")
  })
  default = null

  validation {
    condition     = var.api_sign_in == null || var.api_jwt_issuer != null
    error_message = "api_sign_in belongs to api_jwt_issuer: the user pool's own is known."
  }

  validation {
    condition     = var.api_sign_in == null || alltrue([for it in [try(var.api_sign_in.authorize_url, ""), try(var.api_sign_in.token_url, "")] : length(it) <= 2048 && (can(regex("^https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9/._~%+=&?@:!$*,-]*)?$", it)) || can(regex("^http://(localhost|127\\.0\\.0\\.1)(:[0-9]{1,5})?(/[A-Za-z0-9/._~%+=&?@:!$*,-]*)?$", it)))])
    error_message = "The endpoints of api_sign_in must be https, without a user name and a fragment, or addresses of this machine for an emulator."
  }

  validation {
    condition     = var.api_sign_in == null || can(regex("^[!-~]{1,256}$", var.api_sign_in.client_id))
    error_message = "client_id of api_sign_in must be 1 to 256 printable characters without a space."
  }

  validation {
    condition     = var.api_sign_in == null || try(contains(split(" ", var.api_sign_in.scopes), "openid") && !contains(split(" ", var.api_sign_in.scopes), "offline_access"), false)
    error_message = "scopes of api_sign_in must have openid, for the console uses the ID token, and not offline_access, for it keeps no refresh token."
  }
}

variable "api_mfa" {
  description = "Whether everybody in the user pool needs a second factor (ON) or may have one (OPTIONAL): codes of an authenticator app."
  type        = string
  default     = "ON"

  validation {
    condition     = contains(["ON", "OPTIONAL"], var.api_mfa)
    error_message = "api_mfa must be ON or OPTIONAL."
  }
}

variable "api_session_h" {
  description = "Hours after which somebody of the user pool must sign in anew. A token itself is good for one."
  type        = number
  default     = 12

  validation {
    condition     = var.api_session_h >= 1 && var.api_session_h <= 720
    error_message = "api_session_h must be 1 to 720."
  }
}

variable "api_rate_limit" {
  description = "Requests a second over which API Gateway answers 429."
  type        = number
  default     = 50

  validation {
    condition     = var.api_rate_limit > 0 && var.api_rate_limit <= 10000
    error_message = "api_rate_limit must be over 0, for 0 would let nobody in, and 10,000 at most."
  }
}

variable "api_burst_limit" {
  description = "Requests at one moment over which API Gateway answers 429."
  type        = number
  default     = 100

  validation {
    condition     = var.api_burst_limit >= 1 && var.api_burst_limit <= 5000
    error_message = "api_burst_limit must be 1 to 5,000."
  }
}

variable "api_timeout_s" {
  description = "Seconds that an answer is given. API Gateway waits for 30."
  type        = number
  default     = 29

  validation {
    condition     = var.api_timeout_s >= 5 && var.api_timeout_s <= 29
    error_message = "api_timeout_s must be 5 to 29."
  }
}

variable "api_memory_mb" {
  description = "Memory of the API's function, which answers one request at a time."
  type        = number
  default     = 512
}

variable "api_5xx_most" {
  description = "Answers of 5xx within five minutes above which they are told. A 503 while a store is away is one."
  type        = number
  default     = 5

  validation {
    condition     = var.api_5xx_most >= 0
    error_message = "api_5xx_most must not be negative."
  }
}
