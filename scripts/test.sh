#!/usr/bin/env bash
# From a bare Debian 12 machine to the test suite: installs, builds everything, runs ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh build test
if [ tests/web/package-lock.json -nt tests/web/node_modules/.package-lock.json ]; then
  (cd tests/web && npm install --no-audit --no-fund --silent && touch node_modules/.package-lock.json) || echo "npm failed: the tests in the browser will be skipped" >&2
fi
scripts/build.sh release
ctest --test-dir build/release -j2 --output-on-failure "$@"
