#!/usr/bin/env bash
# Runs every fuzz target for SECONDS_EACH (default 3700), two at a time, and prints what each did:
# `ubl/fuzz/run.sh DIR` keeps corpora, logs and findings under DIR. Needs a nightly compiler and cargo-fuzz.
set -euo pipefail
dir="$(mkdir -p "$1" && cd "$1" && pwd)"
here="$(cd "$(dirname "$0")" && pwd)"
each="${SECONDS_EACH:-3700}"
cargo +nightly fuzz build --fuzz-dir "$here" --target-dir "$dir/target"

fuzz() {
    local seeds="$here/seeds/documents"
    local options=("-dict=$here/ubl.dict")
    if [ "$1" = calculate ]; then
        seeds="$here/seeds/calculate"
        options=()
    fi
    mkdir -p "$dir/corpus/$1" "$dir/findings/$1"
    # Forked, so that a finding is kept and the run goes on.
    nice -n 19 "$(find "$dir/target" -path "*/release/$1" -type f)" "$dir/corpus/$1" "$seeds" ${options[@]+"${options[@]}"} \
        -fork=1 -ignore_crashes=1 -ignore_ooms=1 -ignore_timeouts=1 -max_total_time="$each" \
        -rss_limit_mb=4096 -timeout=10 -max_len=20000 -artifact_prefix="$dir/findings/$1/" > "$dir/$1.log" 2>&1 || true
    echo "$1: $(grep -c ^ < <(ls "$dir/findings/$1")) findings; $(grep '^#' "$dir/$1.log" | tail -1)"
}

fuzz read & fuzz parse & wait
fuzz validate & fuzz write_after_parse & wait
fuzz calculate
[ -z "$(ls -A "$dir"/findings/*/)" ] || { echo "findings are under $dir/findings" >&2; exit 1; }
