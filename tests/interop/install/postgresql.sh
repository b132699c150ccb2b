#!/bin/bash
# A PostgreSQL server for tests/interop/sql.rs, from the system's packages. No cluster of the system is made or started: the tests
# run a server of their own, in a folder of their own.
set -euo pipefail
ls /usr/lib/postgresql/*/bin/pg_ctl > /dev/null 2>&1 && exit 0
command -v apt-get > /dev/null || { echo "install PostgreSQL 14 or later: there is no apt-get here" >&2; exit 1; }
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || { echo "install PostgreSQL 14 or later: this needs root, and there is no sudo" >&2; exit 1; }
  as_root=(sudo)
fi
# The packages would make and start a cluster of the system at once; for the time of the installation this keeps them from it.
settings=/etc/postgresql-common/createcluster.d/lexport.conf
"${as_root[@]}" mkdir -p "$(dirname "$settings")"
echo "create_main_cluster = false" | "${as_root[@]}" tee "$settings" > /dev/null
trap '"${as_root[@]}" rm -f "$settings"' EXIT
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y --no-install-recommends postgresql
