"""One tree of errors, each with what a caller decides by."""

import copy
import inspect
import pickle
import re

import pytest
import taxpoynt
from taxpoynt import errors

TREE = {
    "TaxpoyntError": Exception,
    "ConfigError": "TaxpoyntError",
    "MappingError": "TaxpoyntError",
    "PayloadError": "TaxpoyntError",
    "WebhookError": "TaxpoyntError",
    "SignatureInvalid": "WebhookError",
    "Replayed": "WebhookError",
    "PlatformError": "TaxpoyntError",
    "Unauthenticated": "PlatformError",
    "PermissionDenied": "PlatformError",
    "NotFound": "PlatformError",
    "RateLimited": "PlatformError",
    "Unavailable": "PlatformError",
    "TimedOut": "PlatformError",
    "ValidationError": "TaxpoyntError",
    "AuthorityError": "TaxpoyntError",
    "Rejected": "AuthorityError",
    "Ambiguous": "AuthorityError",
    "StoreError": "TaxpoyntError",
}


def test_the_tree_is_the_contracts():
    for name, parent in TREE.items():
        parent = getattr(taxpoynt, parent) if isinstance(parent, str) else parent
        assert getattr(taxpoynt, name).__bases__ == (parent,), name


def test_every_kind_has_its_class_and_carries_all_facts():
    for kind, expected in errors._CLASSES.items():
        error = errors._raised(kind, "It broke.", "square.fetch", True, 1500, [("id", "42")], [])
        assert type(error) is expected
        assert (error.kind, error.operation, error.retryable, error.retry_after) == (kind, "square.fetch", True, 1.5)
        assert (error.context, str(error)) == ({"id": "42"}, "It broke.")


def test_a_malformed_record_names_its_field(tenant):
    with pytest.raises(taxpoynt.PayloadError) as refused:
        taxpoynt.convert("square", '{"order": {"id": "A", "state": ', tenant=tenant)
    error = refused.value
    assert (error.kind, error.retryable, error.retry_after) == ("payload", False, None)
    assert error.operation and "JSON" in str(error)


def test_an_amount_that_is_none_names_its_path(record, tenant):
    record["order"]["line_items"][0]["total_money"]["amount"] = "abc"
    with pytest.raises(taxpoynt.PayloadError) as refused:
        taxpoynt.convert("square", record, tenant=tenant)
    assert refused.value.field == "order.line_items[0].total_money.amount"


def test_a_tenant_that_cannot_be_used_names_its_setting(record, tenant):
    tenant["timezone"] = "Lagos"
    with pytest.raises(taxpoynt.ConfigError, match="IANA") as refused:
        taxpoynt.convert("square", record, tenant=tenant)
    assert refused.value.context["field"] == "timezone"


def test_an_unknown_platform_is_answered_with_those_there_are(tenant):
    with pytest.raises(taxpoynt.ConfigError, match="square"):
        taxpoynt.convert("sqare", "{}", tenant=tenant)


def test_rules_that_do_not_load_say_where_and_what_is_nearest():
    with pytest.raises(taxpoynt.MappingError) as refused:
        taxpoynt.Rules.parse('\n[buyer]\nemial = "customer.email"\n')
    error = refused.value
    assert (error.line, error.column) == (3, 1)
    assert "email" in str(error)


def test_the_schema_of_the_rules_is_json_schema():
    schema = taxpoynt.Rules.json_schema()
    assert schema["$schema"].startswith("https://json-schema.org/")


def test_a_rule_set_that_is_not_built_is_answered_with_those_there_are():
    assert "en16931" in taxpoynt.ubl.rulesets()
    with pytest.raises(taxpoynt.ConfigError) as refused:
        taxpoynt.ubl.validate(b"<Invoice/>", rulesets=("no-such-rules",))
    for name in taxpoynt.ubl.rulesets():
        assert name in str(refused.value)


def test_every_rule_of_every_set_can_be_looked_up():
    for ruleset in taxpoynt.ubl.rulesets():
        ids = taxpoynt.ubl.rule_ids(ruleset)
        assert ids == sorted(set(ids)) and ids, ruleset
        for id in ids:
            rule = taxpoynt.ubl.explain(id)
            assert (rule.id, rule.ruleset) == (id, ruleset)
            assert rule.severity in ("fatal", "warning") and rule.concerns and rule.wants, id
    assert taxpoynt.ubl.explain("BR-NO-SUCH") is None
    with pytest.raises(taxpoynt.ConfigError, match="en16931") as refused:
        taxpoynt.ubl.rule_ids("no-such-rules")
    assert refused.value.context["field"] == "ruleset"


def test_the_usual_rule_sets_are_structure_en_16931_and_peppol(record, tenant):
    usual = inspect.signature(taxpoynt.ubl.validate).parameters["rulesets"].default
    assert usual == ("ubl21", "en16931", "peppol")
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    # Peppol wants electronic addresses; the structure wants an issue date.
    broken = re.sub(rb"<cbc:IssueDate>.*?</cbc:IssueDate>", b"", outcome.invoice.to_ubl())
    assert {fault.ruleset for fault in taxpoynt.ubl.validate(broken)} == set(usual)
    assert {fault.ruleset for fault in taxpoynt.ubl.validate(broken, "peppol")} == {"peppol"}


def test_broken_rules_are_listed_with_id_and_path(record, tenant):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    broken = outcome.invoice.to_ubl().replace(b">6450.00</cbc:PayableAmount>", b">6451.00</cbc:PayableAmount>")
    faults = taxpoynt.ubl.validate(broken, rulesets=("en16931",))
    assert {fault.severity for fault in faults} <= {"fatal", "warning"}
    [fault] = [fault for fault in faults if fault.severity == "fatal"]
    assert (fault.id, fault.ruleset) == ("BR-CO-16", "en16931")
    assert fault.path.startswith("/Invoice") and fault.message


@pytest.mark.parametrize("xml", [b"", b"not xml", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\xff\xfe"])
def test_what_is_no_document_is_a_payload_error(xml):
    with pytest.raises(taxpoynt.PayloadError):
        taxpoynt.ubl.parse(xml)
    with pytest.raises(taxpoynt.PayloadError):
        taxpoynt.ubl.validate(xml)


def test_a_dict_that_is_no_document_names_what_is_missing(record, tenant):
    data = taxpoynt.convert("square", record, tenant=tenant)[0].invoice.to_dict()
    del data["currency"]
    with pytest.raises(taxpoynt.PayloadError) as refused:
        taxpoynt.Invoice.from_dict(data)
    assert refused.value.field == "currency"


def places(value, path=()):
    """The path of everything in a record."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from places(member, (*path, name))


HOSTILE = [None, True, -1, 10**30, "9" * 28, "79228162514264337593543950335", "1e28", "", "x" * 5000, {}, [[]], "NaN",
           "\u0000", "2026-13-45", "9999-12-31T23:59:59Z", "-9999-01-01T00:00:00Z", "+262142-12-31T23:59:59Z"]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_whatever_stands_anywhere_in_a_record_only_the_tree_comes_out(record, tenant, value):
    refused = 0
    for path in list(places(record)):
        hostile = copy.deepcopy(record)
        inside = hostile
        for name in path[:-1]:
            inside = inside[name]
        inside[path[-1]] = value
        try:
            for outcome in taxpoynt.convert("square", hostile, tenant=tenant):
                if outcome.invoice is not None:
                    outcome.invoice.to_ubl()
                    outcome.invoice.lines  # noqa: B018, reads every field
        except taxpoynt.TaxpoyntError as error:
            assert str(error)
            refused += 1
    assert refused


def test_an_error_survives_pickle_with_its_facts(tenant):
    with pytest.raises(taxpoynt.PayloadError) as refused:
        taxpoynt.convert("square", "{}", tenant=tenant)
    again = pickle.loads(pickle.dumps(refused.value))
    assert type(again) is taxpoynt.PayloadError
    assert (str(again), again.__dict__) == (str(refused.value), refused.value.__dict__)
