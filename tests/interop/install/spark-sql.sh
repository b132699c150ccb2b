#!/bin/bash
# Spark for tests/interop/sql.rs, from PyPI, into the Python of the consumers; it needs Java 17 or later.
set -euo pipefail
cd "$(dirname "$0")/../../.."
version=4.3.0
python=.consumers/python/bin/python
command -v java > /dev/null || { echo "Spark needs Java 17 or later: install a JRE" >&2; exit 1; }
[ -x "$python" ] || python3 -m venv .consumers/python
"$python" -c "import pyspark" 2> /dev/null \
  || "$python" -m pip install --quiet --disable-pip-version-check "pyspark==$version"
