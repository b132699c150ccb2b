#!/usr/bin/env bash
# dmn-js, the viewer of DMN models: .consumers/dmn-js/node_modules. Versions are pinned in tests/interop/dmn/package-lock.json.
set -euo pipefail
cd "$(dirname "$0")/../../.."
home=$PWD/.consumers/dmn-js
source=$PWD/tests/interop/dmn
stamp=$(sha256sum < "$source/package-lock.json" | cut -d' ' -f1)
[ "$(cat "$home/stamp" 2> /dev/null)" = "$stamp" ] && exit 0

command -v npm > /dev/null || { echo "needs Node and npm: install them, and run this again" >&2; exit 1; }
mkdir -p "$home"
rm -f "$home/stamp"
cp "$source/package.json" "$source/package-lock.json" "$home/"
# Nothing of it has to be run at installation.
npm ci --prefix "$home" --ignore-scripts --no-audit --no-fund --silent
echo "$stamp" > "$home/stamp"
