#!/usr/bin/env bash
# The Python of the consumers, in .consumers/python: the frames that the wheel takes, and what tests and reads its source.
set -euo pipefail
cd "$(dirname "$0")/../../.."
wanted="numpy==2.4.6 pandas==3.1.1 polars==2.1.0 pyarrow==26.0.1 pytest==9.2.0 mypy==2.4.1 ruff==0.17.6"
home=.consumers/python
mkdir -p .consumers
if [ ! -x "$home/bin/pip" ]; then
  python3 -m venv "$home" || { echo "python3 -m venv failed: install Python 3 with venv (apt-get install python3-venv)" >&2; exit 1; }
fi
found="$("$home/bin/pip" freeze --disable-pip-version-check)"
for one in $wanted; do
  if ! grep -qix -- "$one" <<< "$found"; then
    # shellcheck disable=SC2086
    exec "$home/bin/pip" install --quiet --disable-pip-version-check $wanted
  fi
done
