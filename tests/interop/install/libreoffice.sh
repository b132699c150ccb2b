#!/usr/bin/env bash
# LibreOffice Calc without a screen, its Python bridge, and openpyxl and the Markdown reader for the shape of what is written.
set -euo pipefail
cd "$(dirname "$0")/../../.."
if ! command -v soffice > /dev/null || ! /usr/bin/python3 -c 'import uno' 2> /dev/null; then
  root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null || { echo 'LibreOffice must be installed as root: apt-get install libreoffice-calc-nogui python3-uno' >&2; exit 1; }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y --no-install-recommends libreoffice-calc-nogui python3-uno
fi
[ -x .consumers/python/bin/python ] || python3 -m venv .consumers/python
.consumers/python/bin/python -c 'import importlib.metadata as m; assert m.version("openpyxl") == "3.1.5" and m.version("markdown-it-py") == "4.0.0"' 2> /dev/null \
  || .consumers/python/bin/pip install --quiet --disable-pip-version-check openpyxl==3.1.5 markdown-it-py==4.0.0
