#!/bin/bash
# DuckDB for tests/interop/sql.rs, from PyPI, into the Python of the consumers.
set -euo pipefail
cd "$(dirname "$0")/../../.."
version=2.0.0
python=.consumers/python/bin/python
[ -x "$python" ] || python3 -m venv .consumers/python
"$python" -c "import duckdb; assert duckdb.__version__ == '$version'" 2> /dev/null \
  || "$python" -m pip install --quiet --disable-pip-version-check "duckdb==$version"
