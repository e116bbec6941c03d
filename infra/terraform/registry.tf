# Registry entries: one file per action type and version, as `actonce registry apply` would write it.

locals {
  registry_folder = coalesce(var.registry_folder, "${path.module}/registry")

  registry_entries = {
    for file in fileset(local.registry_folder, "*.json") :
    trimsuffix(file, ".json") => jsondecode(file("${local.registry_folder}/${file}"))
  }

  # Keys sorted, no spaces, as adapters/aws/registry.py writes it. jsonencode escapes three characters, that does not.
  registry_documents = {
    for name, it in local.registry_entries : name => replace(replace(replace(
      jsonencode(it), "\\u003c", "<"), "\\u003e", ">"), "\\u0026", "&"
    )
  }
}

resource "aws_dynamodb_table_item" "registry" {
  for_each = local.registry_entries

  table_name = aws_dynamodb_table.this["action-type-registry"].name
  hash_key   = "pk"
  range_key  = "sk"

  item = jsonencode({
    pk       = { S = "ACTION_TYPE#${each.value.action_type}" }
    sk       = { S = "REGISTRY_VERSION#${format("%016d", each.value.version)}" }
    document = { S = local.registry_documents[each.key] }
  })

  lifecycle {
    # A version, once there, never changes: a changed file is refused below, and never written over what runs.
    ignore_changes = [item]

    precondition {
      condition     = each.key == "${each.value.action_type}.v${each.value.version}"
      error_message = "${each.key}.json must be named after its action type and version."
    }

    postcondition {
      condition     = try(jsondecode(jsondecode(self.item).document.S), null) == each.value
      error_message = "${each.key} exists with other content; publish a new version."
    }
  }
}
