#!/usr/bin/env bash
# Runs every fuzz target for SECONDS_EACH (default 3700), two at a time, and prints what each did:
# `taxpoynt-core/fuzz/run.sh DIR [TARGET…]` keeps corpora, logs and findings under DIR. JOBS=1 runs one at a time.
# Needs a nightly compiler; cargo-fuzz is used where it is installed, else the same flags are given by hand.
set -euo pipefail
dir="$(mkdir -p "$1" && cd "$1" && pwd)"
shift
here="$(cd "$(dirname "$0")" && pwd)"
each="${SECONDS_EACH:-3700}"
jobs="${JOBS:-2}"
if cargo +nightly fuzz --version >/dev/null 2>&1; then
    cargo +nightly fuzz build --fuzz-dir "$here" --target-dir "$dir/target"
else
    flags="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
    flags="$flags -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
    flags="$flags --cfg fuzzing -Cdebug-assertions -Coverflow-checks -Ccodegen-units=1"
    # With a target named, build scripts and macros are built without these.
    RUSTFLAGS="$flags" cargo +nightly build --release --bins --manifest-path "$here/Cargo.toml" \
        --target x86_64-unknown-linux-gnu --target-dir "$dir/target"
fi

fuzz() {
    mkdir -p "$dir/corpus/$1" "$dir/findings/$1"
    local program seeds=("$here/seeds/$1") memory=4096 status=0
    program="$(find "$dir/target" -path "*-gnu/release/$1" -type f)"
    # Rules are small: whoever reads and applies one needs little.
    if [ "$1" = rules ]; then
        seeds+=("$here/../tests/mapping_rules/corpus/valid" "$here/../tests/mapping_rules/corpus/invalid")
        memory=512
    fi
    # Whole templates are longer than anything else, and a few kilobytes of each stay.
    if [ "$1" = template ]; then
        seeds+=("$here/../../connectors/templates" "$here/../../examples/custom-connector")
    fi
    # Forked, so that a finding is kept and the run goes on.
    nice -n 19 /usr/bin/time -f "most memory of one process: %M kB" "$program" "$dir/corpus/$1" "${seeds[@]}" \
        -dict="$here/core.dict" -fork=1 -ignore_crashes=1 -ignore_ooms=1 -ignore_timeouts=1 -max_total_time="$each" \
        -rss_limit_mb="$memory" -timeout=10 -max_len=20000 -artifact_prefix="$dir/findings/$1/" > "$dir/$1.log" 2>&1 || status=$?
    grep -q '^#' "$dir/$1.log" || { echo "$1: did not run, see $dir/$1.log" >&2; return 1; }
    echo "$1: $(ls "$dir/findings/$1" | wc -l) findings; $(grep '^#' "$dir/$1.log" | tail -1); $(grep '^most memory' "$dir/$1.log")"
    [ "$status" -eq 0 ] || echo "$1: ended with $status" >&2
}

targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=($(ls "$here/fuzz_targets" | sed 's/\.rs$//'))
for target in "${targets[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
    fuzz "$target" &
done
wait
[ -z "$(ls -A "$dir"/findings/*/ 2>/dev/null | grep -v ':$' || true)" ] || { echo "findings are under $dir/findings" >&2; exit 1; }
