#!/usr/bin/env bash
# Chromium, in which dmn-js shows a model; nothing to do where it is there.
set -euo pipefail
command -v chromium > /dev/null && exit 0
sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || { echo "needs chromium: install it, or run this as root" >&2; exit 1; }
  sudo=(sudo)
fi
"${sudo[@]}" apt-get install -y --no-install-recommends chromium
