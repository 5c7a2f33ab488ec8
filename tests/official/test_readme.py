"""The Python example of the repository's README runs as it stands."""

import re
import shutil
import subprocess
import sys

from conftest import REPOSITORY


def test_the_readmes_python_example_prints_the_invoice(tmp_path):
    shutil.copy(REPOSITORY / "examples/quickstart/tenant.json", tmp_path / "shop.json")
    shutil.copy(REPOSITORY / "examples/records/square_sale.json", tmp_path / "sale.json")
    [example] = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "INV000001: 51106.25 to pay\n"
