"""What the engine answers about mapping rules: what is in force, what was, and what others would change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

__all__ = [
    "FieldChange",
    "Moved",
    "Preview",
    "RuleFile",
    "RuleVersion",
    "SaleGroup",
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
    examples: list[str]


@dataclass(frozen=True, slots=True)
class Moved:
    """An amount on both sides."""

    before: Decimal
    after: Decimal


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
