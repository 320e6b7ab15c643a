#!/usr/bin/env bash
# Installs what is missing, once, and says what and why. Nothing is touched where all is there.
#   tools.sh build   what `make run` needs: no root
#   tools.sh test    what `make test` needs besides: a browser, Postgres, Redis
#   tools.sh deny    cargo-deny
set -euo pipefail
# shellcheck source=.ci/env.sh
. "$(dirname "$0")/env.sh"

# ---- what only its owner can install

require() { # command, what for, how to get it
    has "$1" || fail "$1 is missing ($2). $3"
}

require_basics() {
    local get_cc="Install it with your system's packages: build-essential, gcc or clang."
    [ "$(uname)" != Darwin ] || get_cc="Install it with: xcode-select --install"
    require cc "it links the program and compiles SQLite" "$get_cc"
    require rustup "it brings the Rust compiler" "It needs no root: https://rustup.rs"
    require node "Tailwind and wasm-opt run on it" "Version $NODE_MAJOR or newer: https://nodejs.org"
    require npm "it installs Tailwind and wasm-opt" "It comes with Node: https://nodejs.org"
    local major
    major=$(node -p 'process.versions.node.split(".")[0]')
    [ "$major" -ge "$NODE_MAJOR" ] || fail "node $major is too old; version $NODE_MAJOR or newer is needed: https://nodejs.org"
}

# ---- Rust

ensure_rust() {
    local channel
    channel=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
    if ! rustup run "$channel" rustc --version >/dev/null 2>&1; then
        say "Installing Rust $channel (rust-toolchain.toml names it)"
        rustup toolchain install "$channel" --profile minimal --no-self-update \
            || fail "Rust $channel could not be installed"
    fi
    ensure_rust_part target wasm32-unknown-unknown "the browser's half is compiled for it"
    ensure_rust_part component rustfmt "make lint"
    ensure_rust_part component clippy "make lint"
}

ensure_rust_part() { # target|component, name, what for
    rustup "$1" list --installed | grep "^$2" >/dev/null && return
    say "Adding the Rust $1 $2 ($3)"
    rustup "$1" add "$2" || fail "the Rust $1 $2 could not be added"
}

# ---- Cargo tools, in the one version that fits

installed_version() { # command and its arguments: the first version number it prints
    { "$@" --version 2>/dev/null || true; } | sed -n '/[0-9]/{s/^[^0-9]*\([0-9][0-9.]*\).*/\1/p;q;}'
}

prebuilt() { # crate, version
    has cargo-binstall || return 1
    cargo binstall --no-confirm --force --disable-strategies compile "$1@$2" </dev/null
}

# The tools' own release profiles optimise for hours of use; these run for seconds.
compiled() { # crate, version, further arguments
    local crate=$1 version=$2
    shift 2
    env -u CARGO_TARGET_DIR -u RUSTFLAGS \
        CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_DEBUG=0 \
        CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback \
        cargo install "$crate" --version "$version" --force "$@"
}

ensure_cargo_tool() { # crate, version, why, minutes, command that tells its version, arguments of cargo install
    local crate=$1 version=$2 why=$3 minutes=$4 command=$5 found
    shift 5
    # shellcheck disable=SC2086 # the command's words
    found=$(installed_version $command)
    [ "$found" != "$version" ] || return 0
    say "Installing $crate $version${found:+ in place of $found} ($why); compiling it takes about $minutes minutes, once"
    prebuilt "$crate" "$version" || compiled "$crate" "$version" "$@" || fail "$crate $version could not be installed"
    # shellcheck disable=SC2086
    found=$(installed_version $command)
    [ "$found" = "$version" ] || fail "$crate is ${found:-not found} on the PATH although $version was just installed"
}

ensure_cargo_tools() {
    # Without --locked: its lock file names a crate version that was withdrawn.
    ensure_cargo_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION" \
        "it joins the WASM to the page" 4 wasm-bindgen
    ensure_cargo_tool cargo-leptos "$CARGO_LEPTOS_VERSION" \
        "it builds server and browser together" 10 "cargo leptos" --locked --features no_downloads
}

# ---- npm, exactly as locked

ensure_npm() { # folder, what for
    local lock=$1/package-lock.json stamp=$1/node_modules/.installed-lock
    cmp -s "$lock" "$stamp" && return
    say "Installing the npm packages of $1/package-lock.json ($2)"
    npm ci --prefix "$1" --include=dev --ignore-scripts --no-audit --no-fund </dev/null \
        || fail "npm ci failed in $1"
    cp "$lock" "$stamp"
}

# ---- a browser, Postgres, Redis

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_be_root() {
    [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }
}

has_chromium() { node end2end/support/chromium.mjs >/dev/null 2>&1; }
has_redis() { has redis-server; }
has_postgres() {
    has initdb && return
    local bin
    for bin in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
        [ ! -x "$bin/initdb" ] || return 0
    done
    return 1
}

install_packages() { # apt packages and brew's arguments; returns non-zero where neither can be used
    if has apt-get && can_be_root; then
        as_root apt-get update -qq
        # shellcheck disable=SC2086 # the packages
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $1
    elif [ "$(uname)" = Darwin ] && has brew; then
        # shellcheck disable=SC2086
        brew install $2
    else
        return 1
    fi
}

ensure_service() { # name, check, why, apt package, brew's arguments
    "$2" && return
    say "Installing $1 ($3)"
    install_packages "$4" "$5" >&2 || true
    "$2" || missing="$missing
  $1: $3. Debian: apt-get install $4. macOS: brew install $5."
}

ensure_services() {
    local missing=
    ensure_service Chromium has_chromium "the journeys run in it; CHROMIUM=<path> names another" chromium "--cask google-chrome"
    ensure_service Postgres has_postgres "the tests start one of their own" postgresql postgresql@17
    ensure_service Redis has_redis "the tests start one of their own" redis-server redis
    [ -z "$missing" ] || fail "make test needs what could not be installed here:$missing"
}

case ${1:-} in
build)
    require_basics
    ensure_rust
    ensure_npm . "Tailwind and wasm-opt"
    tailwindcss --help >/dev/null 2>&1 || fail "Tailwind does not start on this system; node_modules/.bin/tailwindcss --help says why"
    ensure_cargo_tools
    ;;
test)
    ensure_npm end2end "Playwright"
    ensure_services
    ;;
deny)
    ensure_cargo_tool cargo-deny "$CARGO_DENY_VERSION" "it checks licences and sources" 5 "cargo deny" --locked
    ;;
*) fail "usage: tools.sh build|test|deny" ;;
esac
