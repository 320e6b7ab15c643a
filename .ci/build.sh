#!/usr/bin/env bash
# Builds the one binary: browser half, styles, compression, then the server that embeds them.
set -euo pipefail
# shellcheck source=.ci/env.sh
. "$(dirname "$0")/env.sh"

say "Building the release: $SPHERESPACE_BIN"
cargo leptos build --release --precompress --cargo-locked
[ -x "$SPHERESPACE_BIN" ] || fail "the build left no $SPHERESPACE_BIN"
