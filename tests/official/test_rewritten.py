"""Every document of the corpus that the model can hold, written again, gets the verdict it had."""

import json
import os
import subprocess

import pytest

from conftest import REFERENCE, REPOSITORY

CORPUS = REFERENCE / "ubl" / "corpus"


def cases():
    """Each case of the corpus with its bytes."""
    manifest = CORPUS / "manifest.json"
    assert manifest.is_file(), f"no reference corpus at {CORPUS}: set TAXPOYNT_REFERENCE"
    lists = {}
    for case in json.loads(manifest.read_text())["cases"]:
        if path := case.get("path"):
            yield case, (CORPUS / path).read_bytes()
        else:
            name = case["jsonl"]
            if name not in lists:
                lists[name] = (CORPUS / name).read_text().splitlines()
            yield case, json.loads(lists[name][case["line"]])["xml"].encode()


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory):
    """Pairs of a case and its document as written again."""
    before, after = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("after")
    expected = {}
    for number, (case, xml) in enumerate(cases()):
        name = f"{number}.xml"
        (before / name).write_bytes(xml)
        expected[name] = case
    program = os.environ.get("TAXPOYNT_REWRITE", REPOSITORY / "target/debug/examples/rewrite")
    done = subprocess.run([program, before, after], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [(expected[path.name], path) for path in sorted(after.iterdir())]


def test_a_rewritten_document_gets_the_verdict_it_had(rewritten, judge):
    assert len(rewritten) > 1500, f"only {len(rewritten)} documents were read"
    different, clean = [], 0
    for case, path in rewritten:
        verdict = judge.judge(str(path))
        expect = case["expect"]
        clean += expect["en16931"] == [] and expect["peppol"] == []
        for rules in ("en16931", "peppol"):
            if expect[rules] is None:
                continue
            found = None if verdict[rules] is None else sorted({rule["id"] for rule in verdict[rules]})
            if found != sorted(set(expect[rules])):
                different.append(f"{case['id']}: {rules} {expect[rules]} became {found}")
        if expect["xsd_valid"] and not verdict["xsd_valid"]:
            different.append(f"{case['id']}: no longer valid: {verdict['xsd_errors']}")
    print(f"{len(rewritten)} documents written again, {clean} of them break no rule")
    assert not different, f"{len(different)} verdicts differ:\n" + "\n".join(different)
