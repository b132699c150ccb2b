#!/usr/bin/env bash
# PySpark in local mode, in .consumers/python beside the frames that its workers use. It needs a Java of 17 or later.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../../.."
version=4.3.0
command -v java > /dev/null || { echo "no java: install a JRE of 17 or later (apt-get install default-jre-headless)" >&2; exit 1; }
bash "$here/python.sh"
if ! .consumers/python/bin/pip freeze --disable-pip-version-check | grep -qix "pyspark==$version"; then
  exec .consumers/python/bin/pip install --quiet --disable-pip-version-check "pyspark==$version"
fi
