#!/usr/bin/env bash
# The DMN engine and the DMN validation of Apache KIE, with the driver that the tests run: .consumers/kie/{lib,classes}.
# Versions are pinned in tests/interop/dmn/pom.xml. Needs a Java 17 and Maven; without them they come from apt.
set -euo pipefail
cd "$(dirname "$0")/../../.."
home=$PWD/.consumers/kie
source=$PWD/tests/interop/dmn
stamp=$(cat "$source/pom.xml" "$source/src/Driver.java" | sha256sum | cut -d' ' -f1)
[ "$(cat "$home/stamp" 2> /dev/null)" = "$stamp" ] && exit 0

packages=()
command -v javac > /dev/null || packages+=(openjdk-17-jdk-headless)
command -v mvn > /dev/null || packages+=(maven)
if [ ${#packages[@]} -gt 0 ]; then
  sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null || { echo "needs ${packages[*]}: install them, or run this as root" >&2; exit 1; }
    sudo=(sudo)
  fi
  "${sudo[@]}" apt-get install -y --no-install-recommends "${packages[@]}"
fi

rm -rf "$home/lib" "$home/classes" "$home/stamp"
mkdir -p "$home/classes"
mvn --batch-mode --quiet -f "$source/pom.xml" -Dmaven.repo.local="$home/repository" \
  dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$home/lib"
javac --release 17 -Xlint:all -Xlint:-processing -Werror -cp "$home/lib/*" -d "$home/classes" "$source/src/Driver.java"
echo "$stamp" > "$home/stamp"
