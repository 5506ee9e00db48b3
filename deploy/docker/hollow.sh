#!/bin/sh
# hollow.sh FROM TO: copies the manifests of the workspace with an empty program or library for each,
# so that its dependencies can be compiled before its sources are there.
set -eu
from=$1 to=$2
cd "$from"
find . -name Cargo.toml -not -path './*/node_modules/*' | while read -r manifest; do
  room=$to/$(dirname "$manifest")
  mkdir -p "$room"
  cp "$manifest" "$room/"
  [ "$manifest" = ./Cargo.toml ] && continue
  mkdir -p "$room/src"
  : >"$room/src/lib.rs"
  # A program is named in the manifest by its file; a build script is found by its name.
  sed -n 's/^path = "\(.*\.rs\)"$/\1/p' "$manifest" | while read -r program; do
    mkdir -p "$room/$(dirname "$program")"
    echo 'fn main() {}' >"$room/$program"
  done
  # A test that a manifest names without a file has to be where its name says.
  sed -n '/^\[\[test\]\]/,/^$/s/^name = "\(.*\)"$/\1/p' "$manifest" | while read -r test; do
    mkdir -p "$room/tests"
    echo 'fn main() {}' >"$room/tests/$test.rs"
  done
  if [ -f "$(dirname "$manifest")/build.rs" ]; then echo 'fn main() {}' >"$room/build.rs"; fi
done
cp Cargo.lock "$to/"
