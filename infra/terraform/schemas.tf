# The schemas of what comes in and goes out, for whoever generates code from them. Nothing is checked by EventBridge itself.

locals {
  # Draft 4 is all that the schema registry takes; `make schemas` writes these from the ones in docs/schemas.
  event_schemas = var.has_schema_registry ? merge(
    { (local.approved_type) = file("${path.module}/schemas/approved-event.v1.json") },
    { for type in local.signal_types : type => file("${path.module}/schemas/signal.v1.json") },
  ) : {}
}

resource "aws_schemas_registry" "this" {
  count = var.has_schema_registry ? 1 : 0

  name        = var.name
  description = "Events of ${var.name}."
  tags        = var.tags
}

resource "aws_schemas_schema" "this" {
  for_each = local.event_schemas

  name          = "${var.event_source}@${each.key}"
  registry_name = aws_schemas_registry.this[0].name
  type          = "JSONSchemaDraft4"
  description   = each.key == local.approved_type ? "An approved action, as it comes in." : "A signal, as it goes out."
  content       = each.value
  tags          = var.tags

  lifecycle {
    precondition {
      condition     = length(each.value) <= 100000
      error_message = "The schema registry takes 100,000 characters at most."
    }
  }
}
