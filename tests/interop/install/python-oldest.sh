#!/usr/bin/env bash
# The oldest versions that the wheel says it works with, in .consumers/python-oldest. They exist for Python 3.9 to 3.11.
set -euo pipefail
cd "$(dirname "$0")/../../.."
wanted="numpy==1.23.5 pandas==2.0.3 polars==1.0.0 pyarrow==14.0.2 pytest==8.4.2"
home=.consumers/python-oldest
mkdir -p .consumers
python=""
for one in python3 python3.11 python3.10 python3.9; do
  if "$one" -c 'import sys; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 11))' 2> /dev/null; then python=$one; break; fi
done
[ -n "$python" ] || { echo "no Python of 3.9 to 3.11 for the oldest versions" >&2; exit 1; }
if [ ! -x "$home/bin/pip" ]; then
  "$python" -m venv "$home" || { echo "$python -m venv failed: install Python with venv (apt-get install python3-venv)" >&2; exit 1; }
fi
found="$("$home/bin/pip" freeze --disable-pip-version-check)"
for one in $wanted; do
  if ! grep -qix -- "$one" <<< "$found"; then
    # shellcheck disable=SC2086
    exec "$home/bin/pip" install --quiet --disable-pip-version-check $wanted
  fi
done
