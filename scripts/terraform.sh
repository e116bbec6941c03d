#!/usr/bin/env bash
# Runs terraform with the AWS provider that this machine already has, so that no network is needed.
#
#   TF_PLUGIN_DIR    a filesystem mirror (HOST/NAMESPACE/TYPE/VERSION/PLATFORM/); wins over any search
#   otherwise        the first mirror found near the root of the filesystem
#   otherwise        terraform looks into its own folders below /usr and HOME, and downloads the provider
set -euo pipefail

SEARCH_DEPTH=9      # folders below the root: a mirror lies six above its provider
SEARCH_LIMIT_S=10

command -v terraform >/dev/null || {
    echo "terraform is missing. Install Terraform 1.11 or newer: https://developer.hashicorp.com/terraform/install" >&2
    exit 127
}

mirror_near_the_root() {
    local binary
    binary=$(timeout "$SEARCH_LIMIT_S" find / -mindepth 1 -maxdepth "$SEARCH_DEPTH" \
        \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /home -o -path /root \
        -o -path /usr -o -path '/lib*' -o -path /etc -o -path /boot \
        -o -name .git -o -name .terraform -o -name node_modules -o -name site-packages \) -prune \
        -o -name 'terraform-provider-aws_v*' -path '*/hashicorp/aws/*' -print -quit 2>/dev/null) || true
    [ -n "$binary" ] || return 0
    # HOST/NAMESPACE/TYPE/VERSION/PLATFORM/binary
    (cd "$(dirname "$binary")/../../../../.." && pwd)
}

plugins=${TF_PLUGIN_DIR:-$(mirror_near_the_root)}
if [ -n "${TF_PLUGIN_DIR:-}" ] && [ ! -d "$TF_PLUGIN_DIR" ]; then
    echo "TF_PLUGIN_DIR is no folder: $TF_PLUGIN_DIR" >&2
    exit 2
fi

if [ -n "$plugins" ]; then
    config=$(mktemp "${TMPDIR:-/tmp}/actonce-terraform.XXXXXX")
    trap 'rm -f "$config"' EXIT
    cat >"$config" <<EOF
disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = "$plugins"
    include = ["hashicorp/aws"]
  }
  direct {
    exclude = ["hashicorp/aws"]
  }
}
EOF
    export TF_CLI_CONFIG_FILE=$config
elif [ -n "${TF_CLI_CONFIG_FILE:-}" ] && [ ! -f "$TF_CLI_CONFIG_FILE" ]; then
    # Terraform only warns of it, on every call.
    unset TF_CLI_CONFIG_FILE
fi

terraform "$@"
