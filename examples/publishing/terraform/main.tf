# Lets a role that exists already publish approved actions. Beside the module, in one root:
#
#   publisher_policy = module.actonce.publisher_policy
#
# and from another root by the remote state or by: terraform output -raw publisher_policy

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

resource "aws_iam_role_policy" "publisher" {
  name   = "publish-approved-actions"
  role   = var.role_name
  policy = var.publisher_policy

  lifecycle {
    precondition {
      condition     = alltrue([for it in jsondecode(var.publisher_policy).Statement : it.Effect == "Allow" && !contains(flatten([it.Action]), "*")])
      error_message = "publisher_policy must be the module's output, which allows single actions alone."
    }
  }
}
