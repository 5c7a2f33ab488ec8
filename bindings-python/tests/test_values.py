"""Python data in a record counts exactly, or is refused by path."""

import enum
import math
from decimal import Decimal as D

import pytest
import taxpoynt


def kept(value):
    """What a value becomes inside sealed JSON, which takes the same way in."""
    vault = taxpoynt.Vault([taxpoynt.Vault.generate_key()])
    return vault.open(vault.seal({"a": [value]}, context="c"), context="c")["a"][0]


class Grade(enum.IntEnum):
    LARGE = 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (7.5, "7.5"),
        (-1234567890.12345, "-1234567890.12345"),
        (1e-07, "1e-07"),
        (1e22, "1e+22"),
        (123456789012345.0, "123456789012345.0"),
        (D("12345678901234567890.123456789"), "12345678901234567890.123456789"),
        (D("1E+3"), "1E+3"),
    ],
)
def test_a_number_counts_by_its_shortest_form(value, text):
    assert kept(value) == D(text)


@pytest.mark.parametrize("value", [None, True, False, 0, -7, 2**80, "₦ \"quoted\" \n", Grade.LARGE, (), [], {}, ""])
def test_other_data_passes_unchanged(value):
    got = kept(value)
    assert got == (list(value) if isinstance(value, tuple) else value)
    assert isinstance(got, bool) == isinstance(value, bool)



def endless():
    loop = []
    loop.append(loop)
    return loop


@pytest.mark.parametrize(
    "value",
    [
        0.1 + 0.2,
        9007199254740993.0,
        1234567890.1234567,
        math.nan,
        math.inf,
        -math.inf,
        D("NaN"),
        D("Infinity"),
        {1: "a key that is no text"},
        {1, 2},
        b"bytes",
        object(),
        "\ud800",
        endless(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_exact_form_is_refused_by_path(record, tenant, value):
    record["order"]["line_items"][0]["quantity"] = value
    with pytest.raises(taxpoynt.PayloadError) as refused:
        taxpoynt.convert("square", record, tenant=tenant)
    assert refused.value.field.startswith("order.line_items[0].quantity")
    assert refused.value.field in str(refused.value)


def test_a_float_quantity_is_exact_where_its_text_is(record, tenant):
    line = record["order"]["line_items"][0]
    line["quantity"] = "3.0"
    as_text = taxpoynt.convert("square", record, tenant=tenant)[0]
    assert as_text.invoice.lines[0].quantity == D(3)


def test_a_key_deep_in_a_list_is_named(tenant):
    with pytest.raises(taxpoynt.PayloadError) as refused:
        taxpoynt.convert("square", {"order": {"taxes": [{}, {"percentage": math.nan}]}}, tenant=tenant)
    assert refused.value.field == "order.taxes[1].percentage"
