"""The rules of the Nigerian authority, beside its JSON Schema: what breaks no rule passes the schema, and the other way
round wherever the schema decides."""

import json

import jsonschema
import pytest
import taxpoynt
from lxml import etree

from conftest import REFERENCE

JUNK = ["", "x", "-1", "0", "1000000000000000000", "2026-02-30", "NG", "a" * 200]

# What the authority's JSON no longer shows, or its schema does not decide: relations, lists, signs, state and area, and
# optional parts whose unreadable text the reader keeps aside.
BEYOND_THE_SCHEMA = {
    "NG-DOC-01", "NG-DOC-03", "NG-DOC-10", "NG-DOC-12", "NG-DOC-13", "NG-DOC-14", "NG-DOC-15", "NG-BUY-03", "NG-REF-01", "NG-SEL-02", "NG-SEL-08", "NG-SEL-09",
    "NG-SEL-10", "NG-SEL-11", "NG-BUY-07", "NG-BUY-08", "NG-TOT-01", "NG-TOT-02", "NG-TOT-03", "NG-TOT-04", "NG-TOT-05", "NG-TOT-06",
    "NG-TOT-07", "NG-TOT-08", "NG-TOT-09", "NG-TAX-02", "NG-TAX-03", "NG-TAX-05", "NG-TAX-09", "NG-TAX-10", "NG-LIN-03", "NG-LIN-04",
    "NG-LIN-05", "NG-LIN-06", "NG-LIN-12", "NG-LIN-15", "NG-LIN-16", "NG-LIN-17",
}


@pytest.fixture(scope="session")
def schema():
    return jsonschema.Draft202012Validator(json.loads((REFERENCE / "firs/schema/nrs-invoice.schema.json").read_text()))


def fatal(xml):
    faults = taxpoynt.ubl.validate(xml, ["nigeria"])
    return {fault.id for fault in faults if fault.severity == "fatal"}


def refusals(schema, xml):
    """Why the document does not become the authority's JSON, or what the schema says of it."""
    try:
        payload = taxpoynt.ubl.parse(xml).to_mbs()
    except taxpoynt.TaxpoyntError as error:
        return [f"not converted: {error}"]
    return [f"{error.json_path}: {error.message}" for error in schema.iter_errors(payload)]


def agree(schema, xml, what):
    ids, refused = fatal(xml), refusals(schema, xml)
    if refused:
        assert ids, f"{what}: no rule says {refused}"
    else:
        assert ids <= BEYOND_THE_SCHEMA, f"{what}: the schema passes what {ids - BEYOND_THE_SCHEMA} refuse"
    return bool(refused)


def mutants(xml):
    """Each element left out, and each value replaced by what may be wrong there."""
    count = sum(1 for _ in etree.fromstring(xml).iter(etree.Element))
    for at in range(1, count):
        root = etree.fromstring(xml)
        element = list(root.iter(etree.Element))[at]
        name = etree.QName(element).localname
        parent = element.getparent()
        parent.remove(element)
        yield f"without {name} of {etree.QName(parent).localname}", etree.tostring(root)
        if len(element):
            continue
        for junk in JUNK:
            root = etree.fromstring(xml)
            list(root.iter(etree.Element))[at].text = junk
            yield f"{name} {junk[:20]!r} of {etree.QName(parent).localname}", etree.tostring(root)


def party(data):
    address = data["postal_address"]
    known = {"street": "street_name", "city": "city_name", "postal_code": "postal_zone", "lga": "lga", "state": "state", "country": "country"}
    return {
        "name": data["party_name"], "tin": data["tin"], "email": data["email"], "phone": data.get("telephone"),
        "business_description": data.get("business_description"),
        "address": {ours: address[theirs] for ours, theirs in known.items() if theirs in address},
    }


def parts(amount):
    return [{"amount": str(amount)}] if amount else []


def invoice(payload):
    """A payload of the authority as the document it was made from."""
    vat = {"category": "S", "percent": "7.5"}
    charges = payload.get("allowance_charge", [])
    total = payload["legal_monetary_total"]
    money = lambda value: str(value)
    lines = []
    for number, row in enumerate(payload["invoice_line"], 1):
        pair = ("hsn_code", "product_category") if "hsn_code" in row else ("isic_code", "service_category")
        lines.append({
            "id": str(number), "name": row["item"]["name"], "description": row["item"]["description"], "unit": "C62",
            "quantity": money(row["invoiced_quantity"]), "unit_price": money(row["price"]["price_amount"]),
            "base_quantity": money(row["price"]["base_quantity"]), "net_amount": money(row["line_extension_amount"]),
            "tax": vat, "allowances": parts(row["discount_amount"]), "charges": parts(row["fee_amount"]),
            "classification": {name: row[name] for name in pair},
        })
    category = {"STANDARD_VAT": "S", "ZERO_VAT": "Z", "EXEMPTED": "E"}
    document = {
        "type": {"381": "invoice", "380": "credit_note", "384": "debit_note"}[payload["invoice_type_code"]],
        "kind": payload["invoice_kind"], "number": payload["irn"].split("-")[0], "irn": payload["irn"],
        "business_id": payload["business_id"], "issue_date": payload["issue_date"],
        "due_date": payload.get("due_date"), "issue_time": payload.get("issue_time"), "currency": payload["document_currency_code"],
        "payment_status": payload["payment_status"], "supplier": party(payload["accounting_supplier_party"]),
        "customer": party(payload["accounting_customer_party"]) if "accounting_customer_party" in payload else None,
        "lines": lines,
        "allowances": [{"amount": money(c["amount"]), "tax": vat} for c in charges if not c["charge_indicator"]],
        "charges": [{"amount": money(c["amount"]), "tax": vat} for c in charges if c["charge_indicator"]],
        "totals": {
            **{name: money(total[name]) for name in total}, "tax_amount": money(payload["tax_total"][0]["tax_amount"]),
            "allowance_total": money(sum(c["amount"] for c in charges if not c["charge_indicator"])),
            "charge_total": money(sum(c["amount"] for c in charges if c["charge_indicator"])),
            "prepaid_amount": "0", "rounding_amount": "0",
        },
        "tax_subtotals": [
            {"category": category[row["tax_category"]["id"]], "percent": money(row["tax_category"]["percent"]),
             "taxable_amount": money(row["taxable_amount"]), "tax_amount": money(row["tax_amount"])}
            for row in payload["tax_total"][0]["tax_subtotal"]
        ],
        "references": [
            {"number": "the invoice", "irn": row["irn"], "issue_date": row["issue_date"]} for row in payload.get("billing_reference", [])
        ],
    }
    return taxpoynt.Invoice.from_dict({name: value for name, value in document.items() if value is not None})


@pytest.mark.parametrize("name", [
    "invoice-b2b-goods-and-services", "invoice-b2b-document-discount", "invoice-b2b-mixed-tax", "invoice-b2b-usd",
    "invoice-b2c-pos", "credit-note-partial", "debit-note",
])
def test_rules_and_schema_refuse_the_same_mutants_of_a_sample(name, schema):
    payload = json.loads((REFERENCE / f"firs/payloads/{name}.json").read_text())
    xml = invoice(payload).to_ubl()
    assert fatal(xml) == set() and refusals(schema, xml) == []
    verdicts = [agree(schema, mutant, what) for what, mutant in mutants(xml)]
    print(f"{name}: {len(verdicts)} mutants, {sum(verdicts)} refused")
    assert sum(verdicts) > 100 and len(verdicts) - sum(verdicts) > 100
