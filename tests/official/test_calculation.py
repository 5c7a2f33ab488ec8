"""A sample of what the command `million` makes, before the official judge."""

import os
import subprocess

from conftest import REPOSITORY
from judge_folder import judge_folder


def test_the_official_judge_accepts_what_is_calculated(tmp_path):
    program = os.environ.get("TAXPOYNT_MILLION", REPOSITORY / "target/debug/million")
    arguments = ["--count", "2000", "--seed", "2", "--sample", "200", "--out", str(tmp_path)]
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    paths, refused = judge_folder(tmp_path)
    assert len(paths) == 200
    assert refused == {}
