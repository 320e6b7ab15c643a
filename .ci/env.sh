# shellcheck shell=bash
# Where things are, which tools are wanted, and how to say things. Sourced by every script here.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1

CARGO_LEPTOS_VERSION=0.3.10   # 0.3.11 wants a newer rustc than rust-toolchain.toml names
WASM_BINDGEN_VERSION=0.2.130  # must equal wasm-bindgen in Cargo.toml
CARGO_DENY_VERSION=0.20.2
NODE_MAJOR=20
export CARGO_LEPTOS_VERSION WASM_BINDGEN_VERSION CARGO_DENY_VERSION NODE_MAJOR

TARGET_DIR=${CARGO_TARGET_DIR:-target}
case $TARGET_DIR in /*) ;; *) TARGET_DIR=$ROOT/$TARGET_DIR ;; esac
export TARGET_DIR
export SPHERESPACE_BIN=${SPHERESPACE_BIN:-$TARGET_DIR/release/spherespace}

export PATH="$ROOT/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

say() { printf '==> %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
