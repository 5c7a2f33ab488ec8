"""Where everything on a document came from, why a sale waits, why a document was refused."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as member

__all__ = [
    "Element",
    "Explained",
    "LookedAt",
    "Origin",
    "Provenance",
    "RuleEnd",
    "SourceRead",
    "TransformStep",
    "WhyHeld",
    "WhyRejected",
]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a field of a document came from."""

    target: str
    """The field of the document: `buyer.address.city`, `lines[0].tax`."""
    rule: str
    """The rule that set it: its layer, and its line or name (`tenant:tax.by_field`)."""
    source: str | None
    """The path it was read from, with indexes filled in; None for a fixed value."""
    value: str
    """What it was set to."""


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A source that was read."""

    path: str
    """With indexes filled in: `raw.order.line_items[0].name`."""
    value: str | None
    """What it holds; None where there is nothing."""
    record: str | None = None
    """Of a field of the model where the connector reads it in the record, where it says so."""


@dataclass(frozen=True, slots=True)
class TransformStep:
    """A transform of a rule."""

    transform: str
    """As written: `max_len 35`."""
    value: str | None
    """What it gave; None: nothing."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from. `kind` says how, and which of the other members are there."""

    kind: str
    """`rule`, `catalogue`, `copied`, `calculated`, `setting`, `numbering`, `fixed`, `clock`, `original`, `asked`, `rate`,
    `holds` (an element that holds others), `unknown` (it cannot be told any more)."""
    target: str | None = None
    """Of a rule: what it set, `lines[0].name`."""
    set: str | None = None
    """Of a rule: the rule set, `base`, `tenant` (the settings), `rules@1f3a5c7e9b2d`."""
    version: str | None = None
    """Of a rule: the SHA-256 of the rule set, which `rule_text` gives back for a tenant's own."""
    line: int | None = None
    """Of a rule: its line in the rule set."""
    sources: list[SourceRead] = member(default_factory=list)
    """Of a rule, or of what was copied: what was read, in its order."""
    when: list[SourceRead] = member(default_factory=list)
    """Of a rule: what its `when` looked at, and found to hold."""
    steps: list[TransformStep] = member(default_factory=list)
    """Of a rule: what each transform made of it, in order."""
    value: str | None = None
    """Of a rule: what it set the target to."""
    name: str | None = None
    """Of a rule its own name, of a setting the setting's: `address.city`."""
    field: str | None = None
    """Of what was copied: the field of the sale, `item.net_amount`."""
    how: str | None = None
    """Of what was copied: what the connector makes of it; None where it takes it as it is."""
    step: str | None = None
    """Of what was worked out: with its figures, `100.00 + 50.00 = 150.00`."""
    series: str | None = None
    """Of a number: the series."""
    sequence: int | None = None
    """Of a number: which in the series."""
    number: str | None = None
    """Of what another document says: its number."""
    what: str | None = None
    """Of what another document says, or a person asked for: what."""
    entry: str | None = None
    """Of the catalogue: the entry."""
    found_by: str | None = None
    """Of the catalogue: what the item was found by."""
    why: str | None = None
    """Of a fixed value, with the rule that asks for it; or why it cannot be told."""
    of: str | None = None
    """Of a time: which clock."""
    given_by: str | None = None
    """Of a rate of exchange: who gave it."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element or attribute of the UBL document."""

    path: str
    """`/Invoice/cac:InvoiceLine[1]/cac:Item/cbc:Name`; an attribute's ends with `/@currencyID`."""
    term: str | None
    """The business term of EN 16931, `BT-153`."""
    words: str
    """What it is: `Name of the first item`."""
    value: str | None
    """Its text; None for an element that holds others."""
    origin: Origin
    written: str | None
    """What was done to the value to write it, where it is not written as it came."""
    sentence: str
    """Everything about where it came from, in one sentence."""


@dataclass(frozen=True, slots=True)
class RuleEnd:
    """How a rule ended."""

    kind: str
    """`set`, `does_not_apply`, `nothing`, `skipped`, `failed`."""
    value: str | None = None
    """What it set the target to."""
    why: str | None = None
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A rule that was looked at."""

    layer: str
    line: int
    name: str | None
    sources: list[SourceRead]
    when: list[SourceRead]
    """What its `when` looks at."""
    steps: list[TransformStep]
    end: RuleEnd


@dataclass(frozen=True, slots=True)
class WhyHeld:
    """One reason why a sale waits."""

    code: str
    message: str
    target: str | None
    """What could not be decided: `lines[0].tax`; None where no single field is at fault."""
    rules: list[LookedAt]
    """The rules that were looked at for it, in the order they were tried."""
    remedy: str
    """What a person can do."""


@dataclass(frozen=True, slots=True)
class WhyRejected:
    """One complaint about a document."""

    id: str
    """`authority`, or the id of the rule that is broken."""
    field: str
    """The field as the complaint names it."""
    message: str
    elements: list[Element]
    """The elements that the field is written in, with where their values came from."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Where everything on a document came from, or why there is none."""

    number: str
    """Empty where there is no document."""
    source_id: str
    fields: list[Provenance]
    """For every mapped field: the rule and the source that set it."""
    elements: list[Element] = member(default_factory=list)
    """Every element and attribute of the UBL document, in its order."""
    held: list[WhyHeld] = member(default_factory=list)
    """Why the sale waits."""
    rejected: list[WhyRejected] = member(default_factory=list)
    """Why the document was refused."""
    notes: list[str] = member(default_factory=list)
    """Differences that held nothing back, or why something cannot be told any more."""
    table: str = member(default="", repr=False)
    """It in plain text, to print or to mail."""
