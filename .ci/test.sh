#!/usr/bin/env bash
# Every check, in the order in which a mistake is cheapest to find. Stops at the first failure;
# ends with what each step took and what the test runners said.
#   test.sh         all of them
#   test.sh lint    formatting and lints only
set -euo pipefail
# shellcheck source=.ci/env.sh
. "$(dirname "$0")/env.sh"

LOG=$TARGET_DIR/test.log
TIMES=
STEP=

step() { # what it is, command …
    STEP=$1
    shift
    say "$STEP"
    local from=$SECONDS
    "$@" 2>&1 | tee -a "$LOG"
    TIMES="$TIMES$(printf '%5ds  %s' $((SECONDS - from)) "$STEP")
"
    STEP=
}

closing() {
    local status=$?
    printf '\n%s' "$TIMES"
    printf '%5ds  all\n' "$SECONDS"
    grep -hE '^test result:|^[0-9]+ passed, [0-9]+ failed' "$LOG" || true
    [ -z "$STEP" ] || printf 'FAILED: %s\n' "$STEP"
    exit "$status"
}

locks_name_no_registry() {
    ! grep -n '"resolved"' package-lock.json end2end/package-lock.json
}

lint() {
    step "Formatting" cargo fmt --all --check
    step "npm locks name no registry" locks_name_no_registry
    step "Clippy: server" cargo clippy --workspace --exclude frontend --all-targets --locked -- -D warnings
    step "Clippy: browser" cargo clippy -p frontend --target wasm32-unknown-unknown --locked -- -D warnings
}

mkdir -p "$TARGET_DIR"
: >"$LOG"
trap closing EXIT

step "Tools for the build" .ci/tools.sh build
if [ "${1:-all}" = lint ]; then
    lint
    exit
fi
step "Tools for the tests" .ci/tools.sh test
lint
step "Types of the browser tests" npm run --silent --prefix end2end check
step "Unit and integration tests" cargo test --workspace --exclude frontend --locked --no-fail-fast
step "Release build" .ci/build.sh
step "Browser tests and first-load bytes" npm run --silent --prefix end2end test
