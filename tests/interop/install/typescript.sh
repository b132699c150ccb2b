#!/usr/bin/env bash
# Installs the TypeScript compiler into .consumers/typescript; nothing to do when it is there.
set -euo pipefail

version=7.0.2
root=$(cd "$(dirname "$0")/../../.." && pwd)
home="$root/.consumers/typescript"
if [ "$(node -p 'require(process.argv[1]).version' "$home/node_modules/typescript/package.json" 2> /dev/null)" = "$version" ]; then
  exit 0
fi
for needed in node npm; do
  if ! command -v "$needed" > /dev/null; then
    echo "TypeScript needs $needed: install Node.js 18 or later with npm" >&2
    exit 1
  fi
done
mkdir -p "$home"
npm install --prefix "$home" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error "typescript@$version"
"$home/node_modules/.bin/tsc" --version
