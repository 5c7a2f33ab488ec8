"""`convert`: the true totals of known sales, and every attribute of a document."""

import json
import pathlib
import pickle
from datetime import date
from decimal import Decimal as D

import pytest
import taxpoynt


def fatal(xml):
    # Peppol also wants electronic addresses, which no till knows.
    return [fault for fault in taxpoynt.ubl.validate(xml, ("ubl21", "en16931")) if fault.severity == "fatal"]


def peer(reference, platform, name):
    record = (reference / "peer-inputs" / f"{name}.json").read_bytes()
    tenant = json.loads((reference / "peer-inputs" / "tenants.json").read_text())[platform]
    [outcome] = taxpoynt.convert(platform, record, tenant=tenant)
    assert outcome.reason is None, outcome.reason
    return outcome


@pytest.mark.parametrize(
    ("platform", "name", "net", "tax", "payable", "currency"),
    [
        ("square", "square_payment_order_ngn", "28690.29", "1651.77", "30342.06", "NGN"),
        ("square", "square_payment_order_usd", "28690.29", "1651.77", "30342.06", "USD"),
        ("hubspot", "hubspot_deal_with_line_items", "1250000.35", "89275.03", "1339275.38", "NGN"),
        ("pipedrive", "pipedrive_deal_with_products", "853500.45", "64012.53", "917512.98", "NGN"),
    ],
)
def test_known_sales_come_to_their_true_totals(reference, platform, name, net, tax, payable, currency):
    invoice = peer(reference, platform, name).invoice
    totals = invoice.totals
    assert (totals.tax_exclusive_amount, totals.tax_amount, totals.payable_amount) == (D(net), D(tax), D(payable))
    assert invoice.currency == currency
    assert sum(line.net_amount for line in invoice.lines) == totals.line_extension_amount
    assert sum(row.tax_amount for row in invoice.tax_subtotals) == totals.tax_amount
    assert fatal(invoice.to_ubl()) == []


def test_a_document_says_all_that_the_contract_names(record, tenant):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant, sequence=7)
    assert (outcome.kind, outcome.reason) == ("invoice", None)
    invoice = outcome.invoice
    assert (invoice.type, invoice.kind, invoice.number) == ("invoice", "B2C", "INV000007")
    # 23:31 UTC is the next day in Lagos.
    assert invoice.issue_date == invoice.tax_point_date == date(2026, 10, 6)
    assert invoice.irn == "INV000007-9C2E71AB-20261006"
    assert (invoice.currency, invoice.source_id, invoice.payment_status) == ("NGN", "ORDER-1", "PAID")
    assert (invoice.supplier.name, invoice.supplier.address.city) == ("Balogun Kitchens Ltd", "Lagos")
    assert invoice.customer is None
    [line] = invoice.lines
    assert (line.id, line.name, line.quantity, line.unit_price, line.net_amount) == (
        "1", "Ofada rice", D(3), D("2000.00"), D("6000.00"),
    )
    assert (line.tax.category, line.tax.percent, line.allowances, line.charges) == ("S", D("7.5"), [], [])
    assert line.classification == {"hsn_code": "2106.90", "product_category": "Food preparations"}
    [row] = invoice.tax_subtotals
    assert (row.category, row.percent, row.taxable_amount, row.tax_amount) == ("S", D("7.5"), D(6000), D(450))
    assert (invoice.totals.prepaid_amount, invoice.totals.payable_amount) == (D(0), D("6450.00"))
    assert isinstance(invoice.totals.payable_amount, D)
    assert [means.code for means in invoice.payment_means] == ["10"]
    assert (invoice.allowances, invoice.charges, invoice.references) == ([], [], [])


def test_bytes_text_and_data_give_the_same_document(record, tenant):
    text = json.dumps(record)
    documents = [taxpoynt.convert("square", form, tenant=tenant)[0].invoice for form in (text.encode(), text, record)]
    assert documents[0] == documents[1] == documents[2]
    assert len({document.to_ubl() for document in documents}) == 1


def test_what_cannot_be_invoiced_yet_is_held_with_a_reason(record, tenant):
    record["order"]["state"] = "OPEN"
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    assert (outcome.kind, outcome.invoice) == ("held", None)
    assert outcome.reason.code and outcome.reason.message.endswith(".")


def test_every_mapped_field_says_where_it_came_from(record, tenant):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    targets = {row.target: row for row in outcome.explain()}
    assert "lines[0].tax" in targets, sorted(targets)
    assert all(row.rule and isinstance(row.value, str) for row in targets.values())


def test_every_element_of_a_document_says_where_it_came_from(record, tenant):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    explained = outcome.explanation()
    record["order"]["id"] = "ANOTHER"
    assert outcome.explanation() == explained, "what was converted is explained, whatever became of the data since"
    assert explained.number == outcome.invoice.number
    assert [row.target for row in explained.fields] == [row.target for row in outcome.explain()]
    elements = {element.path: element for element in explained.elements}
    xml = outcome.invoice.to_ubl().decode()
    assert len(explained.elements) > 50 and all(e.value is None or e.origin.kind != "holds" for e in explained.elements)
    number = elements["/Invoice/cbc:ID"]
    assert (number.value, number.term, number.words) == (outcome.invoice.number, "BT-1", "Number of the document")
    assert (number.origin.kind, number.origin.sequence) == ("numbering", 1)
    payable = elements["/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount"]
    assert payable.value in xml and payable.origin.step.endswith(payable.value)
    name = elements["/Invoice/cac:InvoiceLine/cac:Item/cbc:Name"].origin
    assert (name.kind, name.set, name.sources[0].path) == ("rule", "square/mapping.toml", "item.name")
    assert name.sources[0].record == "raw.order.line_items[0].name"
    assert "Amount to pay (BT-115)" in explained.table


def test_why_a_sale_is_held_is_explained(record, tenant):
    record["order"]["state"] = "OPEN"
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    [why] = outcome.explanation().held
    assert (why.code, why.message) == (outcome.reason.code, outcome.reason.message)
    assert why.remedy and why.remedy in outcome.explanation().table


def test_the_hosts_rules_come_on_top(record, tenant):
    rules = '[invoice]\nnote = { value = "Thank you" }\n'
    assert taxpoynt.convert("square", record, tenant=tenant)[0].invoice.note != "Thank you"
    for given in (rules, taxpoynt.Rules.parse(rules)):
        assert taxpoynt.convert("square", record, tenant=tenant, rules=given)[0].invoice.note == "Thank you"


def test_the_issue_date_can_be_chosen(record, tenant):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant, issue_date=date(2026, 10, 9))
    assert outcome.invoice.issue_date == date(2026, 10, 9)
    assert outcome.invoice.tax_point_date == date(2026, 10, 6)


def refund(record):
    """Takes one of the three meals back."""
    money = lambda amount: {"amount": amount, "currency": "NGN"}
    order = record["order"]
    order["returns"] = [
        {
            "uid": "return-1",
            "source_order_id": "ORDER-0",
            "return_line_items": [
                {
                    "uid": "return-line-1",
                    "source_line_item_uid": "line-1",
                    "name": "Ofada rice",
                    "quantity": "1",
                    "base_price_money": money(200000),
                    "variation_total_price_money": money(200000),
                    "gross_return_money": money(200000),
                    "total_tax_money": money(15000),
                    "total_discount_money": money(0),
                    "total_money": money(215000),
                    "applied_taxes": [{"uid": "a", "tax_uid": "vat-back", "applied_money": money(15000)}],
                }
            ],
            "return_taxes": [
                {
                    "uid": "vat-back",
                    "source_tax_uid": "vat",
                    "catalog_object_id": "VAT",
                    "name": "VAT",
                    "percentage": "7.5",
                    "type": "ADDITIVE",
                    "scope": "LINE_ITEM",
                    "applied_money": money(15000),
                }
            ],
            "return_amounts": {
                "total_money": money(215000),
                "tax_money": money(15000),
                "discount_money": money(0),
                "tip_money": money(0),
                "service_charge_money": money(0),
            },
        }
    ]
    order["return_amounts"] = order["returns"][0]["return_amounts"]
    for name in ("line_items", "taxes", "tenders"):
        order.pop(name)
    for name in ("total_money", "total_tax_money"):
        order[name] = money(0)
    order.pop("net_amounts")
    order["id"] = "ORDER-2"
    order["refunds"] = [
        {
            "id": "refund-1",
            "location_id": "L-1",
            "transaction_id": "ORDER-2",
            "tender_id": "tender-1",
            "status": "APPROVED",
            "amount_money": money(215000),
        }
    ]
    return record


def test_a_refund_names_the_invoice_it_takes_back(record, tenant):
    issued = {
        "source_id": "ORDER-0",
        "number": "INV000003",
        "issue_date": date(2026, 10, 1),
        "irn": "INV000003-9C2E71AB-20261001",
    }
    [outcome] = taxpoynt.convert("square", refund(record), tenant=tenant, issued=[issued])
    assert outcome.kind == "credit_note", outcome.reason
    note = outcome.invoice
    assert (note.number, note.totals.payable_amount) == ("CN000001", D("2150.00"))
    [reference] = note.references
    assert (reference.number, reference.irn, reference.issue_date) == (
        "INV000003", "INV000003-9C2E71AB-20261001", date(2026, 10, 1),
    )


def test_a_document_survives_dict_json_and_pickle(record, tenant):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    invoice = outcome.invoice
    again = taxpoynt.Invoice.from_dict(json.loads(json.dumps(invoice.to_dict())))
    assert again == invoice
    assert hash(again) == hash(invoice)
    pickled = pickle.loads(pickle.dumps(outcome))
    assert pickled.invoice.to_ubl() == invoice.to_ubl()
    assert pickled.explanation() == outcome.explanation()
    assert "INV000001" in repr(invoice)


def test_a_document_never_changes(record, tenant):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    with pytest.raises(AttributeError, match="does not change"):
        outcome.invoice.number = "INV9"
    with pytest.raises(AttributeError, match="no 'nmber'"):
        outcome.invoice.nmber


def test_the_authoritys_numbers_are_exact_decimals(record, tenant):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    mbs = outcome.invoice.to_mbs()
    assert mbs["irn"] == outcome.invoice.irn
    total = mbs["legal_monetary_total"]["payable_amount"]
    assert isinstance(total, D) and total == D("6450.00")

    def floats(value):
        if isinstance(value, dict):
            return any(map(floats, value.values()))
        return any(map(floats, value)) if isinstance(value, list) else isinstance(value, float)

    assert not floats(mbs)


def test_ubl_reads_back_what_it_wrote(record, tenant):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    again = taxpoynt.ubl.parse(outcome.invoice.to_ubl())
    assert again.number == outcome.invoice.number
    assert again.totals == outcome.invoice.totals
    assert again.to_ubl() == outcome.invoice.to_ubl()


def test_every_platform_says_what_it_can_do():
    platforms = {platform.id: platform for platform in taxpoynt.platforms()}
    assert {"square", "hubspot"} <= set(platforms)
    square = platforms["square"]
    assert (square.name, square.family) == ("Square", "pos")
    assert "webhook" in square.capabilities
    schema = square.settings_schema()
    assert "webhook_url" in schema["properties"] and schema["additionalProperties"] is False


def test_a_template_adds_a_platform(tenant):
    examples = pathlib.Path(__file__).parents[2] / "examples"
    text = (examples / "custom-connector" / "kiosk.toml").read_text()
    kiosk = taxpoynt.register_template(text, name="kiosk.toml")
    assert (kiosk.id, kiosk.family, kiosk.auth) == ("kiosk", "pos", ["api_key"])
    credentials = kiosk.setup_form["properties"]["credentials"]
    assert credentials["required"] == ["access_token"]
    assert credentials["properties"]["webhook_secret"]["format"] == "password"
    assert "shop_group" in kiosk.settings_schema()["properties"]
    line = {"id": 1, "title": "Rice", "count": 2, "price": 8_600_000, "vat": 7.5}
    receipt = {"id": "9", "status": "closed", "currency": "NGN", "closed_at": "2026-11-20T10:00:00Z", "lines": [line], "total": 17_200_000}
    (outcome,) = taxpoynt.convert("kiosk", {"receipt": receipt}, tenant=tenant)
    assert str(outcome.invoice.totals.tax_exclusive_amount) == "160000.00"
    assert str(outcome.invoice.totals.payable_amount) == "172000.00"
    with pytest.raises(taxpoynt.MappingError) as refused:
        taxpoynt.register_template(text.replace("calls = 10", "cals = 10"), name="kiosk.toml")
    assert refused.value.context["line"] == str(text[: text.index("calls = 10")].count("\n") + 1)
    with pytest.raises(taxpoynt.ConfigError):
        taxpoynt.register_template(text.replace('id = "kiosk"', 'id = "square"'))


def test_an_irn_is_made_as_the_authority_says(reference):
    vectors = json.loads((reference / "firs" / "vectors" / "irn-vectors.json").read_text())
    for vector in vectors["valid"]:
        made = taxpoynt.irn(vector["invoice_number"], vector["service_id"], date.fromisoformat(vector["issue_date"]))
        assert made == vector["irn"] == taxpoynt.irn(vector["invoice_number"], vector["service_id"], vector["issue_date"])
    for arguments, field in (
        (("---", "94ND90NR", date(2026, 1, 1)), "number"),
        (("INV1", "94ND90N", date(2026, 1, 1)), "service_id"),
        (("INV1", "94ND90NR", "2026-13-01"), "issue_date"),
    ):
        with pytest.raises(taxpoynt.PayloadError) as refused:
            taxpoynt.irn(*arguments)
        assert refused.value.field == field
