#!/usr/bin/env bash
# Installs headless Chromium from the distribution; nothing to do when it is there.
set -euo pipefail

if command -v chromium > /dev/null || command -v chromium-browser > /dev/null; then
  exit 0
fi
if ! command -v apt-get > /dev/null; then
  echo "Chromium is absent and there is no apt-get: install it and put \`chromium\` on the path" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "Chromium is absent, and installing it needs root or sudo: apt-get install chromium" >&2
    exit 1
  fi
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update -qq
"${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends chromium
command -v chromium > /dev/null
