#!/usr/bin/env bash
# Configures and builds a preset (default: release); prints little when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cmake --preset "$preset" >"$log" 2>&1; then
  tail -30 "$log" >&2
  exit 1
fi
cmake --build --preset "$preset" "$@"
