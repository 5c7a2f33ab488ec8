"""Makes fresh mutants of the corpus with the official judge and compares every verdict with ours.

    python tests/official/fresh_mutants.py --seed N [--count 5000] [--processes 2]

A mutant counts as exact where both rule sets fire the same ids and both accept or both refuse the structure. Mutants on
which the official rules abort are left out of that rule set. Everything that differs is listed. Exit code 1 where fewer
than 99.5 % are exact or a document is refused that the judge can read.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile

from judge_folder import REFERENCE, REPOSITORY

TOOL = REFERENCE.parent / "tools/ubl_oracle.py"
PROMISE = 0.995


def make(task):
    """Mutants of one seed, judged, as JSON lines in a file."""
    seed, count, path = task
    bases = sorted(str(p) for p in (REFERENCE / "ubl/corpus/files").rglob("*.xml"))
    command = [sys.executable, TOOL, "--mutate", path, "--seed", str(seed), "--count", str(count), *bases]
    # The judge says at length where the official rules abort; the figures below say how often.
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return path


def ours(path):
    """Our verdicts on the documents of a file, in its order."""
    program = os.environ.get("TAXPOYNT_UBL", REPOSITORY / "target/release/examples/ubl")
    assert pathlib.Path(program).is_file(), f"the example is absent at {program}: build it or set TAXPOYNT_UBL"
    done = subprocess.run([program, "validate", "--json", "--jsonl", path], capture_output=True)
    assert done.returncode in (0, 1, 2), done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def difference(case, row):
    """What differs, in words; nothing where nothing does. None of it counts where the judge gave no verdict."""
    expect = case["expect"]
    if row["error"] is not None:
        return [f"refused: {row['error']}"]
    found = []
    if expect["xsd_valid"] is not None and expect["xsd_valid"] != (not row["ubl21"]):
        found.append(f"schema: judge {expect['xsd_valid']}, ours {row['ubl21']}")
    for ruleset in ("en16931", "peppol"):
        if expect[ruleset] is not None and set(expect[ruleset]) != set(row[ruleset]):
            missing, extra = set(expect[ruleset]) - set(row[ruleset]), set(row[ruleset]) - set(expect[ruleset])
            found.append(f"{ruleset}: missing {sorted(missing)}, too many {sorted(extra)}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    share = -(-options.count // options.processes)
    with tempfile.TemporaryDirectory() as folder:
        tasks = [(options.seed + n, share, f"{folder}/{n}.jsonl") for n in range(options.processes)]
        with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
            paths = pool.map(make, tasks)
        cases = [json.loads(line) for path in paths for line in open(path, encoding="utf-8")]
        rows = [row for path in paths for row in ours(path)]
    assert len(cases) == len(rows), f"{len(cases)} mutants, {len(rows)} verdicts"
    different = [(case, found) for case, row in zip(cases, rows) if (found := difference(case, row))]
    aborted = {s: sum(case["expect"][s] is None for case in cases) for s in ("en16931", "peppol")}
    exact = len(cases) - len(different)
    print(f"{exact} of {len(cases)} fresh mutants exact (seed {options.seed}); the official rules abort on {aborted}")
    for case, found in different:
        print(f"  {case['id']} of {case.get('base')}: {'; '.join(found)}")
    refused = any(found[0].startswith("refused") for _, found in different)
    return 0 if exact >= PROMISE * len(cases) and not refused else 1


if __name__ == "__main__":
    sys.exit(main())
