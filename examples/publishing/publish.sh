#!/usr/bin/env bash
# Publishes entries.json with the AWS CLI.
#
#   examples/publishing/publish.sh BUS [options of aws, such as --profile or --endpoint-url]
#
# An answer of 200 may still refuse entries, so FailedEntryCount decides. To run it again is always safe: what was taken
# is not done twice, for its intent has an id.
set -euo pipefail

bus=${1:?"name the bus: terraform output -raw bus_name"}
shift
entries=$(sed "s|\"BUS\"|\"$bus\"|" "$(dirname "${BASH_SOURCE[0]}")/entries.json")

failed=$(aws events put-events --entries "$entries" --query FailedEntryCount --output text "$@")
if [ "$failed" != 0 ]; then
    echo "$failed entries were not taken; run it again." >&2
    exit 1
fi
echo "published"
