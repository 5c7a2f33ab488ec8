"""The example `ubl` at the command line, before the corpus with the verdicts of the official rules on each document."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from conftest import REFERENCE, REPOSITORY

CORPUS = REFERENCE / "ubl/corpus"
SETS = ("ubl21", "en16931", "peppol")

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
  <cbc:ID>KT-17</cbc:ID>
  <cbc:IssueDate>2026-11-02</cbc:IssueDate>
  <cbc:DueDate>2026-11-30</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:Note>R&amp;D &lt;b&gt;bold&lt;/b&gt; "quoted"</cbc:Note>
  <cbc:DocumentCurrencyCode>NGN</cbc:DocumentCurrencyCode>
  <cbc:BuyerReference>stand 4</cbc:BuyerReference>
  <cac:AccountingSupplierParty><cac:Party>
    <cbc:EndpointID schemeID="0088">7300010000001</cbc:EndpointID>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>NG</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>NG31415926-0001</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>Kente Tailors Ltd</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cbc:EndpointID schemeID="0088">7300010000018</cbc:EndpointID>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>NG</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>Harbour Foods</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:TaxTotal><cbc:TaxAmount currencyID="NGN">75.00</cbc:TaxAmount><cac:TaxSubtotal>
    <cbc:TaxableAmount currencyID="NGN">1000.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="NGN">75.00</cbc:TaxAmount>
    <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>7.5</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
  </cac:TaxSubtotal></cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="NGN">1000.00</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="NGN">1000.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="NGN">1075.00</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="NGN">1075.00</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:InvoiceLine>
    <cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">2</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="NGN">1000.00</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Kaftan</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>7.5</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="NGN">500.00</cbc:PriceAmount></cac:Price>
  </cac:InvoiceLine>
</Invoice>
"""
WRONG_SUM = DOCUMENT.replace('"NGN">1075.00</cbc:PayableAmount>', '"NGN">1070.00</cbc:PayableAmount>')
NO_DATE = DOCUMENT.replace("<cbc:IssueDate>2026-11-02</cbc:IssueDate>", "")


def ubl(*arguments, stdin: bytes | None = None) -> subprocess.CompletedProcess:
    program = os.environ.get("TAXPOYNT_UBL", REPOSITORY / "target/debug/examples/ubl")
    assert pathlib.Path(program).is_file(), f"the example is absent at {program}: set TAXPOYNT_UBL"
    done = subprocess.run([program, *arguments], cwd=REPOSITORY, input=stdin, capture_output=True, timeout=300)
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


def rows(done: subprocess.CompletedProcess) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def folder(tmp_path) -> pathlib.Path:
    """A valid document, one with a wrong sum, one without its date, and two that are none."""
    texts = {"1": DOCUMENT, "2": WRONG_SUM, "3": NO_DATE, "4": "Dear Sir", "5": "<order/>"}
    for name, text in texts.items():
        (tmp_path / f"{name}.xml").write_text(text)
    (tmp_path / "notes.txt").write_text("no document")
    return tmp_path


# The whole corpus


def cases() -> list[dict]:
    manifest = CORPUS / "manifest.json"
    assert manifest.is_file(), f"the reference corpus is absent at {manifest}: set TAXPOYNT_REFERENCE"
    return json.loads(manifest.read_text())["cases"]


def named(case: dict) -> str:
    """What the example calls the document of a case."""
    return str(CORPUS / case["path"]) if "path" in case else f"{CORPUS / case['jsonl']}:{case['line'] + 1}"


@pytest.fixture(scope="module")
def judged(tmp_path_factory) -> dict[str, dict]:
    """The row of every document, by its name."""
    names = tmp_path_factory.mktemp("corpus") / "files.txt"
    names.write_text("".join(f"{named(case)}\n" for case in cases() if "path" in case))
    lines = [f"--jsonl={CORPUS / name}.jsonl" for name in ("units", "mutants")]
    done = ubl("validate", "--json", "--list", names, *lines)
    assert done.returncode in (0, 1), done.stderr
    return {row["file"]: row for row in rows(done)}


@pytest.fixture
def told(capsys):
    """Prints a figure also where the test passes."""

    def tell(figure: str):
        with capsys.disabled():
            print(f"\n{figure}")

    return tell


def test_every_document_of_the_corpus_gets_a_verdict(judged):
    assert len(cases()) == 2601
    assert judged.keys() == {named(case) for case in cases()}
    assert [row for row in judged.values() if row["error"] is not None] == []


@pytest.mark.parametrize("ruleset", ["en16931", "peppol"])
def test_the_rules_that_break_are_those_of_the_official_rules(judged, told, ruleset):
    scored, wrong = 0, []
    for case in cases():
        if case["expect"][ruleset] is None:  # the official rules abort there
            continue
        scored += 1
        expected, found = set(case["expect"][ruleset]), set(judged[named(case)][ruleset])
        if expected != found:
            wrong.append(f"{case['id']}: missing {sorted(expected - found)}, too many {sorted(found - expected)}")
    told(f"{ruleset}: {scored - len(wrong)} of {scored} documents exact")
    assert scored > 2500
    assert wrong == [], f"{len(wrong)} of {scored}, the first: " + "\n".join(wrong[:20])


def test_the_structure_is_accepted_where_the_schema_accepts_it(judged, told):
    explained = ubl("explain", "--json", "--all", "ubl21")
    assert explained.returncode == 0, explained.stderr
    fatal = {rule["id"] for rule in rows(explained) if rule["severity"] == "fatal"}
    scored, wrong = 0, []
    for case in cases():
        valid = case["expect"]["xsd_valid"]
        broken = fatal & set(judged[named(case)]["ubl21"])
        scored += 1
        if valid == bool(broken):
            wrong.append(f"{case['id']}: the schema says {valid}, ours breaks {sorted(broken)}")
    told(f"ubl21: {scored - len(wrong)} of {scored} verdicts are the schema's")
    assert wrong == [], f"{len(wrong)} of {scored}, the first: " + "\n".join(wrong[:20])


def test_the_score_of_the_official_judge_is_full(judged, told, judge, tmp_path, capsys):
    import ubl_oracle  # beside the reference data, where the judge came from

    results = tmp_path / "results.jsonl"
    with results.open("w") as file:
        for case in cases():
            row = judged[named(case)]
            file.write(json.dumps({**row, "id": case["id"], "xsd_valid": row["ubl21"] == []}) + "\n")
    ubl_oracle.score(CORPUS / "manifest.json", results)
    score = json.loads(capsys.readouterr().out)
    total = score["total"]
    told(f"score: {total}")
    assert (total["exact"], total["xsd_agree"]) == (total["cases"], total["xsd_cases"]), score


# The command


def test_a_row_has_the_ids_of_each_set_and_the_order_is_that_of_the_arguments(folder):
    files = [folder / name for name in ("2.xml", "1.xml", "4.xml")]
    done = ubl("validate", "--json", *files, folder / "absent.xml")
    wrong, right, letter, absent = rows(done)
    assert list(right) == ["file", *SETS, "error"]
    assert right == {"file": str(files[1]), **dict.fromkeys(SETS, []), "error": None}
    assert (wrong["en16931"], wrong["error"]) == (["BR-CO-16"], None)
    for row, why in ((letter, "XML"), (absent, "no such file")):
        assert why in row["error"]
        assert [row[name] for name in SETS] == [[], [], []]
    assert done.returncode == 2


def test_a_document_of_a_wrong_structure_still_gets_its_rule_ids(folder):
    [row] = rows(ubl("validate", "--json", folder / "3.xml"))
    assert "BR-03" in row["en16931"]
    assert row["ubl21"] != []


def test_the_exit_code_is_the_worst_verdict(folder):
    assert ubl("validate", folder / "1.xml").returncode == 0
    assert ubl("validate", folder / "1.xml", folder / "2.xml").returncode == 1
    assert ubl("validate", folder / "1.xml", folder / "5.xml").returncode == 2
    assert ubl("validate", "--jsn", folder / "1.xml").returncode == 2


def test_documents_come_from_folders_lists_lines_and_standard_input(folder):
    (folder / "list.txt").write_text(f"{folder}/2.xml\n\n{folder}/1.xml\n")
    lines = [json.dumps({"xml": WRONG_SUM}), "", json.dumps({"id": 1}), json.dumps({"xml": DOCUMENT})]
    (folder / "many.jsonl").write_text("\n".join(lines))
    names = lambda *arguments, **more: [row["file"] for row in rows(ubl("validate", "--json", *arguments, **more))]
    assert names(folder) == [f"{folder}/{n}.xml" for n in "12345"]
    assert names("--list", folder / "list.txt") == [f"{folder}/2.xml", f"{folder}/1.xml"]
    assert names("--jsonl", folder / "many.jsonl") == [f"{folder}/many.jsonl:{n}" for n in (1, 3, 4)]
    assert names("-", stdin=DOCUMENT.encode()) == ["-"]
    [_, missing, _] = rows(ubl("validate", "--json", "--jsonl", folder / "many.jsonl"))
    assert "xml" in missing["error"]


def test_rule_sets_are_those_that_were_asked_for(folder):
    keys = lambda sets: list(rows(ubl("validate", "--json", f"--rulesets={sets}", folder / "2.xml"))[0])
    assert keys("en16931") == ["file", "en16931", "error"]
    assert keys("nigeria,ubl21,en16931,peppol") == ["file", *SETS, "nigeria", "error"]
    refused = ubl("validate", "--rulesets", "en1693", folder / "2.xml")
    assert refused.returncode == 2 and "ubl21, en16931, peppol, nigeria" in refused.stderr


def test_for_people_faults_stand_by_their_place(folder):
    done = ubl("validate", "--rulesets=en16931", folder / "1.xml", folder / "2.xml")
    right, wrong, place, fault, blank, summary, hint = done.stdout.splitlines()
    assert right == f"{folder}/1.xml: valid"
    assert wrong == f"{folder}/2.xml: not valid, 1 fatal fault"
    assert place == "  /Invoice/cac:LegalMonetaryTotal"
    assert re.fullmatch(r"    fatal    BR-CO-16  .*1070.*", fault)
    assert (blank, summary) == ("", "2 documents judged by en16931: 1 valid, 1 not valid.")
    assert "BR-CO-16" in hint
    assert "\x1b" not in done.stdout


def test_a_page_stands_alone_and_leads_to_the_element(folder):
    page = folder / "page.html"
    done = ubl("validate", "--rulesets=en16931", "--page", page, folder / "2.xml")
    assert done.returncode == 1, done.stderr
    text = page.read_text()
    for outside in ("<script", "http://", "https://", "@import", "url(", "<b>bold"):
        assert outside not in text, outside
    [place] = re.findall(r'href="#(e\d+)"><code>/Invoice/cac:LegalMonetaryTotal<', text)
    [element] = re.findall(rf'<li id="{place}" class="fatal">.*', text)
    assert "cac:LegalMonetaryTotal" in element and "BR-CO-16" in element
    assert ubl("validate", "--page", page, folder / "1.xml", folder / "2.xml").returncode == 2


def test_what_cannot_be_read_has_a_page_that_says_so(folder):
    page = folder / "page.html"
    assert ubl("validate", "--page", page, folder / "4.xml").returncode == 2
    text = page.read_text()
    assert "Not readable" in text and "Dear Sir" in text


def test_an_option_or_command_that_does_not_exist_is_answered_with_what_was_meant():
    for arguments, hint in (
        (["validate", "--jsno", "a.xml"], "did you mean --json?"),
        (["vaildate", "a.xml"], "did you mean ubl validate?"),
        (["examples/README.md"], "did you mean ubl validate examples/README.md?"),
        (["validate"], "which documents?"),
        (["convert", "sale.json"], "--platform is missing"),
        (["convert", "--platform", "sqare", "--tenant", "t.json", "sale.json"], "square"),
        (["explain", "BR-CO-61"], "BR-CO-16"),
    ):
        done = ubl(*arguments)
        assert done.returncode == 2, arguments
        assert hint in done.stderr, done.stderr
        assert done.stdout == ""


def test_a_rule_is_explained_and_rules_are_counted():
    done = ubl("explain", "br-co-16", "BR-01")
    assert done.returncode == 0, done.stderr
    for text in ("BR-CO-16", "BR-01", "EN 16931", "fatal", "cac:LegalMonetaryTotal"):
        assert text in done.stdout
    counts = ubl("explain").stdout
    for name in (*SETS, "nigeria"):
        [count] = re.findall(rf"^{name} +([0-9,]+) rules", counts, re.MULTILINE)
        assert int(count.replace(",", "")) > 0, counts


def test_a_sale_becomes_ubl_that_breaks_no_fatal_rule(tmp_path):
    tenant, records = "examples/quickstart/tenant.json", "examples/records"
    done = ubl("convert", "--platform", "square", "--tenant", tenant, f"{records}/square_sale.json")
    assert (done.returncode, done.stderr) == (0, "")
    [row] = rows(ubl("validate", "--json", "--rulesets=ubl21,en16931", "-", stdin=done.stdout.encode()))
    assert (row["ubl21"], row["error"]) == ([], None)
    twice = [f"{records}/square_sale.json"] * 2
    done = ubl("convert", "--platform=square", "--tenant", tenant, "--sequence=7", "--out", tmp_path, *twice)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["INV000007.xml", "INV000008.xml"]
    assert ubl("validate", "--rulesets=ubl21,en16931", tmp_path).returncode == 0


def test_a_record_that_waits_says_why_and_a_broken_one_names_its_field(tmp_path):
    tenant = "examples/quickstart/tenant.json"
    sale = json.loads((REPOSITORY / "examples/records/square_sale.json").read_text())
    sale["order"]["state"] = "OPEN"
    (tmp_path / "open.json").write_text(json.dumps(sale))
    done = ubl("convert", "--platform=square", "--tenant", tenant, tmp_path / "open.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r".*open\.json: waits: .+ \(\w+\)\n", done.stderr), done.stderr
    sale["order"]["line_items"][0]["total_money"]["amount"] = "abc"
    (tmp_path / "open.json").write_text(json.dumps(sale))
    done = ubl("convert", "--platform=square", "--tenant", tenant, tmp_path / "open.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "line_items[0].total_money.amount" in done.stderr
