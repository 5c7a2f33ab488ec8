"""Runs the quickstart twice on one folder; the judges then look at what it wrote."""

import json
import os
import pathlib
import subprocess

import pytest
from judge_folder import REFERENCE, REPOSITORY, oracle


def quickstart(*arguments: str) -> subprocess.CompletedProcess:
    program = os.environ.get("TAXPOYNT_QUICKSTART", REPOSITORY / "target/debug/examples/quickstart")
    done = subprocess.run([program, *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


class Run:
    """One folder of the quickstart, after two runs."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.first = quickstart("--out", str(folder)).stdout
        self.first_summary = json.loads((folder / "summary.json").read_text())
        self.second = quickstart("--out", str(folder)).stdout
        self.second_summary = json.loads((folder / "summary.json").read_text())


@pytest.fixture(scope="session")
def run(tmp_path_factory) -> Run:
    return Run(tmp_path_factory.mktemp("quickstart"))


@pytest.fixture(scope="session")
def judge():
    """The official judge of UBL, from beside the reference data."""
    return oracle()
