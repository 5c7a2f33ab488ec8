"""What the quickstart writes, before the official judges."""

import base64
import json

import cv2
import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from conftest import REFERENCE, quickstart

# Without electronic addresses of seller and buyer these two must fire (authority sheet, section 5).
NO_ELECTRONIC_ADDRESS = {"PEPPOL-EN16931-R010", "PEPPOL-EN16931-R020"}


def fatal(fired):
    return {rule["id"] for rule in fired if rule["flag"] == "fatal"}


def judged(judge, folder):
    documents = sorted(folder.glob("*.xml"))
    assert documents, f"no document in {folder}"
    for path in documents:
        verdict = judge.judge(str(path))
        assert verdict["error"] is None, verdict
        assert verdict["xsd_valid"], verdict["xsd_errors"]
        assert fatal(verdict["en16931"]) == set(), path.name
        assert fatal(verdict["peppol"]) <= NO_ELECTRONIC_ADDRESS, path.name
    return documents


def valid_for_the_authority(folder):
    schema = json.loads((REFERENCE / "firs/schema/nrs-invoice.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    documents = sorted(folder.glob("*.mbs.json"))
    assert documents, f"no authority form in {folder}"
    for path in documents:
        faults = [f"{path.name} {e.json_path}: {e.message}" for e in validator.iter_errors(json.loads(path.read_text()))]
        assert faults == []


def test_the_story_has_four_documents_and_none_is_sent_twice(run):
    rows = run.first_summary["documents"]
    kinds = sorted((row["source"], row["kind"], row["buyer"]) for row in rows)
    assert kinds == [
        ("hubspot", "invoice", "B2B"),
        ("square", "credit_note", "B2B"),
        ("square", "invoice", "B2B"),
        ("square", "invoice", "B2C"),
    ]
    assert run.first_summary["sent"] == 4
    assert run.first_summary["duplicates_sent"] == 0
    assert all(row["stages_ms"] for row in rows)


def test_a_second_run_on_the_same_database_sends_nothing_and_says_so(run):
    assert run.second_summary["sent"] == 0
    assert run.second_summary["duplicates_sent"] == 0
    irns = lambda summary: sorted(row["irn"] for row in summary["documents"])
    assert irns(run.second_summary) == irns(run.first_summary)
    assert "Nothing was sent" in run.second
    assert "held" not in run.second


def test_every_xml_is_schema_valid_and_breaks_no_fatal_rule(run, judge):
    assert len(judged(judge, run.folder)) == 4


def test_every_authority_form_passes_the_schema(run):
    valid_for_the_authority(run.folder)


def test_the_qr_is_read_by_another_decoder_and_decrypts(tmp_path):
    # One run of its own: the stamp must decrypt with the key of the very simulator that made it.
    quickstart("--out", str(tmp_path))
    key = load_pem_private_key((tmp_path / "authority-simulator.pem").read_bytes(), password=None)
    summary = json.loads((tmp_path / "summary.json").read_text())
    pictures = sorted(tmp_path.glob("*.qr.png"))
    assert len(pictures) == 4
    seen = set()
    for picture in pictures:
        # OpenCV's older QRCodeDetector misses about one symbol of this size in twenty, also those other libraries draw.
        text, _, _ = cv2.QRCodeDetectorAruco().detectAndDecode(cv2.imread(str(picture)))
        assert len(text) == 344, picture.name
        plain = json.loads(key.decrypt(base64.b64decode(text), padding.PKCS1v15()))
        assert list(plain) == ["irn", "certificate"]
        irn, seconds = plain["irn"].rsplit(".", 1)
        assert seconds.isdigit()
        seen.add(irn)
    assert seen == {row["irn"] for row in summary["documents"]}


def test_every_page_stands_alone_and_shows_the_document(run):
    for row in run.first_summary["documents"]:
        page = (run.folder / f"{row['source']}-{row['number']}.html").read_text()
        assert row["irn"] in page
        assert "<svg" in page
        for outside in ("<script", "src=\"http", "href=\"http", "@import", "url(http"):
            assert outside not in page


def test_the_key_is_readable_by_its_owner_only(run):
    assert (run.folder / "taxpoynt.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("platform", "record", "totals"),
    [
        ("square", "square_payment_order_ngn", ("28690.29", "1651.77", "30342.06", "NGN")),
        ("square", "square_payment_order_usd", ("28690.29", "1651.77", "30342.06", "USD")),
        ("hubspot", "hubspot_deal_with_line_items", ("1250000.35", "89275.03", "1339275.38", "NGN")),
    ],
)
def test_a_users_own_record_comes_to_its_true_totals(tmp_path, judge, platform, record, totals):
    inputs = REFERENCE / "peer-inputs"
    quickstart(
        "--platform", platform, "--record", str(inputs / f"{record}.json"),
        "--tenant", str(inputs / "tenants.json"), "--out", str(tmp_path),
    )
    [row] = json.loads((tmp_path / "summary.json").read_text())["documents"]
    got = row["totals"]
    net, tax, payable, _ = totals
    assert (got["tax_exclusive_amount"], got["tax_amount"], got["payable_amount"]) == (net, tax, payable)
    judged(judge, tmp_path)
    valid_for_the_authority(tmp_path)


def test_the_platforms_own_sample_order_converts(tmp_path, judge):
    inputs = REFERENCE / "peer-inputs"
    record = REFERENCE / "platforms/square/order_pay_response.json"
    quickstart("--platform", "square", "--record", str(record), "--tenant", str(inputs / "tenants.json"), "--out", str(tmp_path))
    [row] = json.loads((tmp_path / "summary.json").read_text())["documents"]
    assert row["totals"]["payable_amount"] == "20.00"
    judged(judge, tmp_path)
    valid_for_the_authority(tmp_path)


def test_a_wrong_option_is_explained(tmp_path):
    with pytest.raises(AssertionError, match="unknown option"):
        quickstart("--ouy", str(tmp_path))
    with pytest.raises(AssertionError, match="go together"):
        quickstart("--platform", "square")
