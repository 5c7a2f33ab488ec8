"""The schema of rule files against the corpus: what the compiler takes it takes, and it refuses what a schema can refuse."""

import json
import os
import pathlib
import tomllib

import jsonschema
import pytest
import taxpoynt

REPOSITORY = pathlib.Path(os.environ.get("TAXPOYNT_REPOSITORY", pathlib.Path(__file__).parents[2]))
CORPUS = REPOSITORY / "taxpoynt-core/tests/mapping_rules/corpus"

# What a schema cannot say: what flows out of one transform into the next, what stands inside a text, sizes and counts over
# the whole file, a calendar, and what a parser has thrown away before (a name twice, how a number was written).
BEYOND = {
    "070", "079", "086", "087",
    "092", "108", "115", "116", "120", "125", "128", "129", "131", "132", "133", "136", "139", "140", "141", "142",
    "181", "183", "197", "200", "201", "202", "227", "228", "251", "257", "258", "266", "280", "284", "312",
    "335", "336", "337", "338", "340", "341", "342", "343", "344", "345",
}  # fmt: skip


def read(path: pathlib.Path) -> str:
    """A file as it is compiled: `# where: NAME is N times TEXT` writes something long out."""
    text = path.read_text(encoding="utf-8")
    said = path.with_suffix(".txt").read_text(encoding="utf-8") if path.suffix == ".json" else text
    for line in said.lstrip("\ufeff").splitlines():
        if line.startswith("# where: "):
            name, what = line.removeprefix("# where: ").split(" is ", 1)
            times, what = what.split(" times ", 1)
            head = max(text.find("\n["), 0)
            text = text[:head] + text[head:].replace(name, what * int(times))
    return text


def files(folder: str):
    """Each file that a parser of its format reads, with what that reads."""
    for path in sorted((CORPUS / folder).iterdir()):
        if path.suffix == ".txt":
            continue
        try:
            text = read(path)
            yield path, json.loads(text) if path.suffix == ".json" else tomllib.loads(text.lstrip("\ufeff"))
        except ValueError:
            assert folder == "invalid", path


@pytest.fixture(scope="module")
def schema():
    schema = taxpoynt.Rules.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_what_the_compiler_takes_the_schema_takes(schema):
    count = 0
    for path, rules in files("valid"):
        faults = [fault.message for fault in schema.iter_errors(rules)]
        assert not faults, (path.name, faults)
        count += 1
    assert count > 300


def test_what_the_schema_takes_is_refused_for_what_no_schema_says(schema):
    taken, refused = set(), 0
    for path, rules in files("invalid"):
        if schema.is_valid(rules):
            taken.add(path.name[:3])
        else:
            refused += 1
    assert taken == BEYOND, (sorted(taken - BEYOND), sorted(BEYOND - taken))
    assert refused > 250
