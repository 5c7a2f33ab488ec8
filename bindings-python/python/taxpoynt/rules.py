"""What the engine answers about mapping rules: what is in force, what was, and what others would change."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from .catalogue import Problem
from .conversion import Provenance, Reason
from .invoice import Invoice

__all__ = [
    "Approval",
    "FieldChange",
    "Foreseen",
    "GroupTotal",
    "Moved",
    "OutcomeChange",
    "Preview",
    "RuleFile",
    "RuleVersion",
    "SaleGroup",
    "SumChange",
    "Table",
    "TableReport",
    "TableVersion",
    "TotalChange",
    "ValueChange",
]


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule file in force."""

    hash: str
    """SHA-256 of the text: what set a field names its first twelve characters, `rules@1f3a…`."""
    text: str
    connection_id: str | None
    """Of this connection alone; None: of all the tenant's sales."""


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A rule file that is or was in force."""

    connection_id: str | None
    hash: str | None
    """None: from then on there were no rules in this layer."""
    reason: str | None
    set_at: datetime


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value and what it becomes."""

    before: str | None
    """None: it was not there."""
    after: str | None
    """None: it is gone."""
    count: int
    """How often; a field of lines counts once a line."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An amount on both sides."""

    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class SumChange:
    """What an amount comes to on several sales."""

    currency: str
    amount: Moved


@dataclass(frozen=True, slots=True)
class GroupTotal:
    """What documents come to in one currency; credit notes count against it."""

    currency: str
    payable: Decimal


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that changes."""

    purpose: str
    """Of which document of a sale: `invoice`, `credit_note`."""
    field: str
    """`lines[].tax.category`."""
    sales: int
    """Sales on which it changes."""
    values: list[ValueChange]
    """Most frequent first; at most 20."""
    more: int
    """Changes of values that are not listed."""
    sums: list[SumChange]
    """Of an amount: what it comes to on all these sales, by currency."""
    examples: list[str]
    """Some of these sales, by the platform's id."""


@dataclass(frozen=True, slots=True)
class SaleGroup:
    """Sales with one thing in common."""

    what: str
    """A reason's code."""
    message: str
    """One of the sentences that say why."""
    sales: int
    totals: list[GroupTotal]
    """What their documents come to, on the side where they have some."""
    examples: list[str]


@dataclass(frozen=True, slots=True)
class OutcomeChange:
    """How many documents of sales end one way."""

    what: str
    """`document`, `approval_required`, `refused`, or the code they wait with, such as `deal_not_won`."""
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class TotalChange:
    """What all documents come to; credit notes count against it."""

    currency: str
    payable: Moved
    tax: Moved


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of stored sales under other rules."""

    seen: int
    same: int
    changed: int
    issued: int
    """Of those that change: sales that have a document already, which stays as it is."""
    outcomes: list[OutcomeChange]
    """What becomes of sales; most first."""
    fields: list[FieldChange]
    """What changes on documents; most sales first."""
    held: list[SaleGroup]
    """Invoiced now, would be held."""
    released: list[SaleGroup]
    """Held now, would be invoiced."""
    held_otherwise: list[SaleGroup]
    """Held either way, for another reason."""
    refused: list[SaleGroup]
    """Refused on one side, or for another reason."""
    totals: list[TotalChange]
    table: str = field(repr=False)
    """It in plain text, to print or to mail."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What one document of a stored record would become."""

    outcome: Literal["document", "approval", "held"]
    rule: str | None
    """The rule of `[trigger]` that decides; None where no rule holds."""
    held: Reason | None
    """Why it would wait."""
    fields: list[Provenance]
    """Which rule and which source set which field."""
    invoice_json: str | None = field(repr=False)

    @property
    def invoice(self) -> Invoice | None:
        """The document, without number and IRN; None where it would be held."""
        return None if self.invoice_json is None else Invoice.from_dict(json.loads(self.invoice_json))


@dataclass(frozen=True, slots=True)
class Approval:
    """A draft that a person approves before it is sent, and what was decided about it."""

    id: str
    tenant_id: str
    record_id: str
    source_id: str
    """The platform's id of the record."""
    purpose: str
    """Which document of it: `invoice`."""
    rule: str
    """The rule that asks for it."""
    currency: str
    payable_amount: Decimal
    state: Literal["waiting", "approved", "refused", "outdated"]
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    note: str | None
    invoice_json: str = field(repr=False)

    @property
    def invoice(self) -> Invoice:
        """What it says, without number and IRN."""
        return Invoice.from_dict(json.loads(self.invoice_json))


@dataclass(frozen=True, slots=True)
class TableReport:
    """What setting a table came to."""

    changed: bool
    """Whether it is in force now and was not before."""
    hash: str | None
    """SHA-256 of the file; None where there is no such table now, or the file was refused."""
    rows: int
    columns: list[str]
    """The first is the key."""
    problems: list[Problem]
    """Everything that is wrong with the file. Any, and nothing has changed."""


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup table in force."""

    name: str
    hash: str
    rows: int
    columns: list[str]
    """The first is the key."""


@dataclass(frozen=True, slots=True)
class TableVersion:
    """A lookup table that is or was in force."""

    name: str
    hash: str | None
    """None: from then on there was no such table."""
    reason: str | None
    set_at: datetime
