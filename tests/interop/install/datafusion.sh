#!/usr/bin/env bash
# DataFusion for tests/interop/datafusion.rs, built once: .consumers/datafusion. Versions are pinned in tests/interop/datafusion/Cargo.lock.
# The tests put the emitted files and their programs beside it, and build those.
set -euo pipefail
cd "$(dirname "$0")/../../.."
home=$PWD/.consumers/datafusion
source=$PWD/tests/interop/datafusion
stamp=$(cat "$source/Cargo.toml" "$source/Cargo.lock" <(rustc --version) | sha256sum | cut -d' ' -f1)
[ "$(cat "$home/stamp" 2> /dev/null)" = "$stamp" ] && exit 0

mkdir -p "$home"
rm -f "$home/stamp"
cp "$source/Cargo.toml" "$source/Cargo.lock" "$home/"
for program in main page; do
  echo 'fn main() {}' > "$home/$program.rs"
done
# Other flags would build all of it anew.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_INCREMENTAL
CARGO_TARGET_DIR=$home/target cargo build --quiet --locked --manifest-path "$home/Cargo.toml"
echo "$stamp" > "$home/stamp"
