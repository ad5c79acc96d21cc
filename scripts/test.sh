#!/usr/bin/env bash
# From a bare Debian 12 machine to the test suite: installs, builds everything, runs ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh build test
if [ -f tests/web/package.json ] && [ ! -d tests/web/node_modules ]; then
  (cd tests/web && npm install --no-audit --no-fund --silent) || echo "npm failed: the page tests will be skipped" >&2
fi
scripts/build.sh release
ctest --test-dir build/release -j2 --output-on-failure "$@"
