# Whose tokens the API takes: those of an issuer that is there already, or of a user pool of our own.

locals {
  has_user_pool = var.has_api && var.api_jwt_issuer == null

  # A pool with a domain has a page to sign in at, and the console is one that it sends a person back to.
  has_sign_in_page = local.has_user_pool && var.api_domain_prefix != null
  callback_urls    = concat(local.has_sign_in_page ? ["${aws_apigatewayv2_api.this[0].api_endpoint}/console"] : [], var.api_callback_urls)
  has_callback     = local.has_sign_in_page || length(var.api_callback_urls) > 0

  # Where the console signs a person in, if anywhere. It takes the ID token: that one bears the claims below.
  sign_in = concat(
    [for it in aws_cognito_user_pool_domain.operators : {
      authorize_url = "https://${it.domain}.auth.${local.region}.amazoncognito.com/oauth2/authorize"
      token_url     = "https://${it.domain}.auth.${local.region}.amazoncognito.com/oauth2/token"
      client_id     = aws_cognito_user_pool_client.api[0].id
      scopes        = "openid"
    }],
    [for it in var.api_sign_in[*] : it if var.has_api],
  )

  # A person's tenant, accounts and role are what an administrator wrote. In a token their names begin with custom:.
  claims = { tenant_id = 128, account_ids = 2048, role = 32 }
}

resource "aws_apigatewayv2_authorizer" "tokens" {
  count = length(local.api)

  api_id           = aws_apigatewayv2_api.this[0].id
  name             = "tokens"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = local.has_user_pool ? "https://${aws_cognito_user_pool.operators[0].endpoint}" : var.api_jwt_issuer
    audience = local.has_user_pool ? [aws_cognito_user_pool_client.api[0].id] : var.api_jwt_audience
  }
}

resource "aws_cognito_user_pool" "operators" {
  count = local.has_user_pool ? 1 : 0

  name                     = "${var.name}-operators"
  deletion_protection      = var.is_deletion_protected ? "ACTIVE" : "INACTIVE"
  mfa_configuration        = var.api_mfa
  auto_verified_attributes = ["email"]
  tags                     = var.tags

  username_configuration {
    case_sensitive = false
  }

  # Nobody lets himself in.
  admin_create_user_config {
    allow_admin_create_user_only = true
  }

  password_policy {
    minimum_length                   = 14
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = true
    require_uppercase                = true
    password_history_size            = 0
    temporary_password_validity_days = 3
  }

  software_token_mfa_configuration {
    enabled = true
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  # Mutable, for otherwise not even an administrator could move somebody; the client's write attributes leave them out.
  dynamic "schema" {
    for_each = local.claims

    content {
      name                     = schema.key
      attribute_data_type      = "String"
      developer_only_attribute = false
      mutable                  = true
      required                 = false

      string_attribute_constraints {
        min_length = 1
        max_length = schema.value
      }
    }
  }
}

resource "aws_cognito_user_pool_client" "api" {
  count = local.has_user_pool ? 1 : 0

  name            = local.api_name
  user_pool_id    = aws_cognito_user_pool.operators[0].id
  generate_secret = false

  # Left unsaid, a person could write every standard attribute. The address decides who may reset the password.
  read_attributes  = concat(["email", "name"], [for it in keys(local.claims) : "custom:${it}"])
  write_attributes = ["name"]

  # In the browser by an authorization code, with PKCE; from a terminal by somebody with cognito-idp:AdminInitiateAuth.
  explicit_auth_flows                  = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  allowed_oauth_flows_user_pool_client = local.has_callback
  allowed_oauth_flows                  = local.has_callback ? ["code"] : null
  allowed_oauth_scopes                 = local.has_callback ? ["openid"] : null
  callback_urls                        = local.has_callback ? local.callback_urls : null
  supported_identity_providers         = ["COGNITO"]
  prevent_user_existence_errors        = "ENABLED"
  enable_token_revocation              = true

  # API Gateway asks nobody whether a token was revoked: it is good until it ends.
  id_token_validity      = 1
  access_token_validity  = 1
  refresh_token_validity = var.api_session_h

  token_validity_units {
    id_token      = "hours"
    access_token  = "hours"
    refresh_token = "hours"
  }
}

resource "aws_cognito_user_pool_domain" "operators" {
  count = local.has_user_pool && var.api_domain_prefix != null ? 1 : 0

  domain       = var.api_domain_prefix
  user_pool_id = aws_cognito_user_pool.operators[0].id
}
