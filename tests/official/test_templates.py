"""Each template of the rule library, on a record as its platform sends it, up to the official judge of UBL."""

import json
from decimal import Decimal as D

import pytest
import taxpoynt
from conftest import REPOSITORY

TENANT = json.loads((REPOSITORY / "examples/quickstart/tenant.json").read_text())
TENANT["tax"] = {
    "default": {"category": "S", "percent": "7.5"},
    "untaxed": {"category": "E", "percent": "0", "reason": "Basic food items"},
}
TEMPLATES = {one["name"]: one["text"] for one in taxpoynt.Rules.templates()}


def naira(minor):
    return {"amount": minor, "currency": "NGN"}


def deal(stage, pipeline, won, **fields):
    properties = {
        "dealname": "Cold rooms", "deal_currency_code": "NGN", "amount": "250000.00", "closedate": "2026-10-14T23:30:00Z",
        "dealstage": stage, "pipeline": pipeline, "hs_is_closed_won": "true" if won else "false", **fields,
    }  # fmt: skip
    line = {"name": "Installation", "quantity": "2", "price": "125000.00", "amount": "250000.00"}
    return {
        "deal": {"id": "501", "properties": properties},
        "line_items": [{"id": "1", "properties": line, "billing_unit": "Hours"}],
        "companies": [{"id": "9", "properties": {
            "name": "Zenith Foods Ltd", "country": "Nigeria", "city": "Ikeja", "address": "4 Allen Avenue", "state": "Lagos",
        }}],
    }  # fmt: skip


def line(uid="a"):
    return {
        "uid": uid, "name": "Jollof rice", "quantity": "2", "base_price_money": naira(180000),
        "total_tax_money": naira(0), "total_money": naira(360000),
    }  # fmt: skip


def sale():
    order = {
        "id": "S-1", "location_id": "L-1", "state": "COMPLETED", "reference_id": "R-17", "metadata": {"table": "12"},
        "created_at": "2026-03-01T23:30:00Z", "closed_at": "2026-03-01T23:40:00Z",
        "line_items": [{**line(), "gross_sales_money": naira(360000)}],
        "total_money": naira(360000), "total_tax_money": naira(0),
        "tenders": [{"id": "T-1", "type": "CARD", "amount_money": naira(360000)}],
    }  # fmt: skip
    customer = {"id": "C-1", "company_name": "Kola Events Ltd", "note": "TIN: 20394857-0001",
                "address": {"address_line_1": "7 Creek Road", "locality": "Apapa", "country": "NG"}}  # fmt: skip
    return {"order": order, "customer": customer}


def refund():
    returned = {**line("r"), "source_line_item_uid": "a", "gross_return_money": naira(360000)}
    order = {
        "id": "R-1", "location_id": "L-1", "state": "COMPLETED", "closed_at": "2026-03-02T10:00:00Z",
        "returns": [{"source_order_id": "S-1", "return_line_items": [returned],
                     "return_amounts": {"total_money": naira(360000), "tax_money": naira(0)}}],
    }  # fmt: skip
    given_back = {"id": "x", "reason": "Broken in transport", "status": "COMPLETED", "amount_money": naira(360000)}
    return {"order": order, "refunds": [given_back]}


ISSUED = [{"source_id": "S-1", "number": "INV000001", "issue_date": "2026-03-02", "irn": "INV000001-9C2E71AB-20260302"}]


def approved_once(name, platform, record, issued=()):
    """The document, which waits for a person before it is one."""
    of = {"tenant": TENANT, "rules": TEMPLATES[name], "issued": issued}
    [asked] = taxpoynt.convert(platform, record, **of)
    assert (asked.kind, asked.reason.code) == ("held", "approval_required")
    [outcome] = taxpoynt.convert(platform, record, approved=True, **of)
    return outcome.invoice


def at_once(name, platform, record):
    [outcome] = taxpoynt.convert(platform, record, tenant=TENANT, rules=TEMPLATES[name])
    assert outcome.kind == "invoice", outcome.reason
    return outcome.invoice


def a_deal_at_its_stage_that_a_person_approved():
    record = deal("signed", "projects", False, po_number="PO-7", payment_days="14", remark="Thank you")
    invoice = approved_once("deal-to-invoice", "hubspot", record)
    [internal] = taxpoynt.convert(
        "hubspot", deal("signed", "internal", True), tenant=TENANT, rules=TEMPLATES["deal-to-invoice"]
    )
    assert internal.reason.code == "not_invoiced"
    assert invoice.note == "Thank you" and (invoice.due_date - invoice.tax_point_date).days == 14
    return invoice, ["PO-7"]


def a_sale_with_its_table_and_receipt():
    invoice = at_once("sale-to-invoice", "square", sale())
    assert invoice.customer.tin == "20394857-0001" and invoice.kind == "B2B"
    assert invoice.payment_means[0].name == "Card at the till"
    return invoice, ["R-17", "Table 12. Thank you for your custom."]


def a_deposit_before_the_work_and_the_work():
    deposit = at_once("deposit", "hubspot", deal("requested", "deposits", False, order_number="SO-100"))
    work = at_once("deposit", "hubspot", deal("closedwon", "default", True, order_number="SO-100"))
    assert b"SO-100" in work.to_ubl() and work.note != deposit.note
    assert deposit.totals.tax_amount == D("18750.00")
    return deposit, ["SO-100", "Deposit for order SO-100", "Due before work begins"]


def a_period_of_a_contract():
    of = {"contract": "C-2026-7", "period_start": "2026-10-01", "period_end": "2026-10-31", "billing": "monthly"}
    return at_once("recurring", "hubspot", deal("new", "rents", False, **of)), [
        "C-2026-7", "Period 2026-10-01 to 2026-10-31, contract C-2026-7.", "By standing order",
    ]  # fmt: skip


def hours_of_a_service():
    invoice = at_once("service", "hubspot", deal("closedwon", "default", True, consultant="Ada Obi"))
    assert invoice.lines[0].unit == "HUR" and invoice.lines[0].classification["isic_code"] == "7020"
    return invoice, ["Your consultant: Ada Obi", "HUR", "7020"]


def a_refund_that_says_why():
    note = approved_once("credit-note", "square", refund(), ISSUED)
    assert note.type == "credit_note" and note.references[0].number == "INV000001"
    return note, ["Refund of sale S-1: Broken in transport", "INV000001"]


CASES = {
    "deal-to-invoice": a_deal_at_its_stage_that_a_person_approved,
    "sale-to-invoice": a_sale_with_its_table_and_receipt,
    "deposit": a_deposit_before_the_work_and_the_work,
    "recurring": a_period_of_a_contract,
    "service": hours_of_a_service,
    "credit-note": a_refund_that_says_why,
}


def test_every_template_has_its_case():
    assert list(CASES) == list(TEMPLATES)


@pytest.mark.parametrize("name", CASES)
def test_what_a_template_makes_is_what_its_name_says_and_the_judge_takes_it(name, judge):
    document, says = CASES[name]()
    xml = document.to_ubl()
    for text in says:
        assert text.encode() in xml, text
    verdict = judge.judge_bytes(xml)
    fatal = [fault for rules in ("en16931", "peppol") for fault in verdict[rules] if fault["flag"] == "fatal"]
    # The seller's and the buyer's electronic addresses are no part of a Nigerian invoice (docs/nigeria-rules.md).
    assert {fault["id"] for fault in fatal} <= {"PEPPOL-EN16931-R010", "PEPPOL-EN16931-R020"}, fatal
    assert verdict["xsd_valid"], verdict
