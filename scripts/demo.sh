#!/usr/bin/env bash
# From a bare Debian 12 machine to a page with extracted and grounded items: installs, builds, extracts the example with
# all four media, and says where the page is.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh build
scripts/build.sh release --target reamo
document=${1:-examples/four_media/document.json}
build/release/bin/reamo extract --document "$document" --format all -o build/demo
echo "open $(pwd)/build/demo/index.html"
