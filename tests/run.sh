#!/usr/bin/env bash
# Sets up what it needs and runs every test: formatting, lints, Rust, Python, Node, and the official judges.
# Needs Rust 1.95, Python 3.11 and Node 20. Everything else goes below target/.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
export TAXPOYNT_REFERENCE="${TAXPOYNT_REFERENCE:-$root/../shared/data}"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
target="${CARGO_TARGET_DIR:-$root/target}"
work="$target/test-run"
mkdir -p "$work"

step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

if [ ! -d "$TAXPOYNT_REFERENCE" ]; then
    echo "Reference data not found at $TAXPOYNT_REFERENCE; set TAXPOYNT_REFERENCE. Tests that need it would fail." >&2
    exit 1
fi

step "Formatting"
cargo fmt --all --check

step "Lints"
cargo clippy --workspace --all-targets --locked -- -D warnings

step "Licences and bans"
if cargo deny --version >/dev/null 2>&1; then
    cargo deny check licenses bans sources
else
    echo "cargo-deny is not installed; this step is left out (cargo install cargo-deny)."
fi

step "Rust tests"
cargo test --workspace --locked --no-fail-fast

step "Alert rules, through Prometheus itself"
if command -v promtool >/dev/null 2>&1; then
    promtool check rules docs/operations/recording.rules.yml docs/operations/alerts.rules.yml
    promtool test rules docs/operations/rules.test.yml
else
    echo "promtool is not installed; the rules were run by tests/tests/operations alone (apt-get install prometheus)."
fi

step "Example and simulators"
cargo build --locked -p taxpoynt-examples --examples -p taxpoynt-sim
cargo build --locked -p taxpoynt-tests --bin million
cargo build --locked -p taxpoynt-ubl --example rewrite
"$target/debug/examples/custom-connector" > "$work/custom-connector.txt"
export TAXPOYNT_REPOSITORY="$root"
export TAXPOYNT_SIM="$target/debug/taxpoynt-sim"
export TAXPOYNT_QUICKSTART="$target/debug/examples/quickstart"
export TAXPOYNT_MILLION="$target/debug/million"
export TAXPOYNT_UBL="$target/debug/examples/ubl"
export TAXPOYNT_REWRITE="$target/debug/examples/rewrite"

step "Python: build the wheel"
python3 -m venv "$work/build"
"$work/build/bin/pip" install --quiet --upgrade pip
"$work/build/bin/pip" install --quiet "maturin>=1.9,<2"
rm -rf "$work/wheels"
"$work/build/bin/maturin" build --locked --quiet --manifest-path bindings-python/Cargo.toml --out "$work/wheels"

step "Python: test the installed wheel in a fresh environment"
rm -rf "$work/venv"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --upgrade pip
"$work/venv/bin/pip" install --quiet "$work"/wheels/*.whl -r tests/requirements.txt
(cd bindings-python/tests && "$work/venv/bin/python" -m pytest -q -p no:cacheprovider .)
(cd "$work" && "$work/venv/bin/python" -m mypy.stubtest taxpoynt --allowlist "$root/bindings-python/stubtest-allow.txt")

step "Official judges: UBL schema, EN 16931, Peppol, the authority's JSON Schema, an independent QR decoder"
(cd tests/official && "$work/venv/bin/python" -m pytest -q -p no:cacheprovider .)

step "Node: build and pack"
(cd bindings-node && npm ci --no-audit --no-fund --silent && npm run --silent build:debug && npm run --silent check:types)
rm -rf "$work/node" && mkdir -p "$work/node"
tarball=$(cd bindings-node && npm pack --silent --pack-destination "$work/node")

step "Node: test the package in an empty folder"
cp -r bindings-node/test "$work/node/test"
(cd "$work/node" && printf '{"private":true,"type":"module"}\n' > package.json \
    && npm install --no-audit --no-fund --silent "./$tarball" && node --test test/*.test.js)

step "Vendors' own tools: the API descriptions of Square and Pipedrive behind Prism, and the packages of all three platforms"
# The behaviour suite, held above, left what it called and what was signed in target/behavior.
export TAXPOYNT_BEHAVIOR="$target/behavior"
rm -rf "$work/vendor" && mkdir -p "$work/vendor"
cp tests/vendor/*.js tests/vendor/package.json tests/vendor/package-lock.json "$work/vendor/"
(cd "$work/vendor" && npm ci --no-audit --no-fund --silent \
    && npm install --no-save --no-audit --no-fund --silent "$work/node/$tarball" && node --test *.test.js)

step "Done"
