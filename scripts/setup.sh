#!/usr/bin/env bash
# Installs the Debian packages that the build, the program and the tests need; quiet when they are there.
# Usage: scripts/setup.sh [build|test|artwork|fuzz]...   (default: build)
set -euo pipefail

build=(ca-certificates cmake ninja-build g++ mold pkg-config git
  libtorch-dev libopenblas-dev nlohmann-json3-dev libcli11-dev libutf8proc-dev
  libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libswresample-dev
  libespeak-ng-dev espeak-ng-data libfreetype-dev fonts-noto-color-emoji librsvg2-dev libcairo2-dev
  zlib1g-dev libssl-dev libgtest-dev libgmock-dev librapidcheck-dev)
test=(chromium nodejs npm libxml2-utils)
artwork=(npm unicode-cldr-core unicode-data)
fuzz=(clang libclang-rt-14-dev)

wanted=()
for group in "${@:-build}"; do
  case "$group" in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    artwork) wanted+=("${artwork[@]}") ;;
    fuzz) wanted+=("${fuzz[@]}") ;;
    *) echo "usage: $0 [build|test|artwork|fuzz]..." >&2; exit 2 ;;
  esac
done

present() {
  # node and npm may come from elsewhere than Debian.
  case "$1" in
    nodejs) command -v node >/dev/null && return 0 ;;
    npm) command -v npm >/dev/null && return 0 ;;
  esac
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${wanted[@]}"; do present "$package" || missing+=("$package"); done
[ "${#missing[@]}" -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "$0: needs root or sudo to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "installing ${#missing[@]} packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -20 "$log" >&2
  echo "$0: installing packages failed" >&2
  exit 1
fi
