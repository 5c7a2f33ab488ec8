"""Runs the official judge over every XML file of a folder and prints how many it refuses and why.

    python tests/official/judge_folder.py DIR [--processes 2]

Refused is what the UBL 2.1 schema does not accept or what breaks a fatal rule of EN 16931. Exit code 1 if any is.
"""

import argparse
import collections
import functools
import multiprocessing
import os
import pathlib
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = pathlib.Path(os.environ.get("TAXPOYNT_REFERENCE", REPOSITORY.parent / "shared" / "data")).resolve()


@functools.cache
def oracle(only=("xsd", "en", "peppol")):
    """The official judge of UBL, from beside the reference data; one a process."""
    tools = REFERENCE.parent / "tools"
    assert (tools / "ubl_oracle.py").is_file(), f"the official judge is absent: {tools}/ubl_oracle.py"
    sys.path.insert(0, str(tools))
    import ubl_oracle

    return ubl_oracle.Oracle(str(REFERENCE / "ubl"), only=only)


def reasons(path):
    """Why the judge refuses a file; nothing where it accepts it."""
    verdict = oracle(("xsd", "en")).judge(str(path))
    if verdict["error"] is not None:
        return [f"not judged: {verdict['error']}"]
    schema = [] if verdict["xsd_valid"] else ["schema"]
    return schema + sorted({rule["id"] for rule in verdict["en16931"] if rule["flag"] == "fatal"})


def judge_folder(folder, processes=1):
    """The files of a folder, and for those that are refused the reasons."""
    paths = sorted(pathlib.Path(folder).glob("*.xml"))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = pool.map(reasons, paths, chunksize=25)
    return paths, {path.name: why for path, why in zip(paths, found) if why}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    paths, refused = judge_folder(options.folder, options.processes)
    print(f"{len(paths)} files judged, {len(refused)} refused")
    for reason, count in collections.Counter(r for why in refused.values() for r in why).most_common():
        print(f"  {count:>6} {reason}")
    for name, why in list(refused.items())[:20]:
        print(f"{name}: {', '.join(why)}")
    return 0 if paths and not refused else 1


if __name__ == "__main__":
    sys.exit(main())
