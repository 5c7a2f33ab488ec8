"""What the engine answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from ._fill import fill
from ._taxpoynt import Stamp
from .conversion import Reason
from .invoice import Invoice

__all__ = [
    "Account",
    "AuditEntry",
    "Connection",
    "DeadLetter",
    "Document",
    "Drained",
    "Page",
    "Prepared",
    "Receipt",
    "Record",
    "RecordKey",
    "Removal",
    "StageReached",
    "SyncEntry",
    "SyncReport",
    "Tenant",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A stored seller."""

    id: str
    name: str
    tin: str | None
    business_id: str | None
    service_id: str | None
    settings: dict[str, Any] = field(repr=False)
    """All it was stored with, without its credentials."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A connected account of a platform."""

    id: str
    tenant_id: str
    platform: str
    account: str
    """The platform's id of the account."""
    account_name: str | None
    settings: dict[str, str]
    state: Literal["active", "paused", "needs_reauth", "removed"]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of a removed connection's tokens."""

    revoked: bool
    """Whether the platform has revoked them."""
    how: str
    """What was done there or why nothing was, one sentence."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account a connection is for."""

    id: str
    """The platform's id: merchant id, portal id."""
    name: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What to answer the sender of a webhook."""

    status: int
    """HTTP status: 200 stored, 401 not verified."""
    reply: str
    """Body of the answer."""
    new: int
    """Events stored for the first time."""
    duplicates: int
    """Events seen before."""


@dataclass(frozen=True, slots=True)
class RecordKey:
    """Identifies a record within its connection."""

    kind: Literal["deal", "order"]
    id: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a pull found."""

    seen: int
    new: int
    changed: int
    unchanged: int
    failed: int


@dataclass(frozen=True, slots=True)
class SyncEntry:
    """One pull of a connection's history."""

    connection_id: str
    started_at: datetime
    finished_at: datetime
    seen: int
    new: int
    changed: int
    unchanged: int
    failed: int
    error: str | None
    """Why it ended early."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What was left when `drain` ended."""

    empty: bool
    """Whether nothing is due any more."""
    due: int
    later: int
    """Jobs waiting for a later attempt."""


@dataclass(frozen=True, slots=True)
class StageReached:
    """When a document reached a stage of its submission."""

    stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A stored invoice or credit note, with exactly what was sent."""

    id: str
    tenant_id: str
    record_id: str
    platform: str
    source_id: str
    """The platform's id of the record it was made from."""
    purpose: str
    """Unique within the record: `invoice`, `credit_note`."""
    type: Literal["invoice", "credit_note", "debit_note"]
    kind: Literal["B2B", "B2C", "B2G"]
    number: str
    irn: str
    issue_date: date
    currency: str
    payable_amount: Decimal
    state: Literal["prepared", "submitted", "accepted", "rejected", "dead"]
    stage: str
    """How far its submission got: `draft`, `validated`, `signed`, `transmitted`, `confirmed`, …"""
    phase: str
    """Stage and state in one word: `draft`, `validated`, `signing`, `signed`, `transmitting`, `acknowledged`,
    `transmitted`, or where it stopped: `validation_failed`, `sign_failed`, `transmit_failed`, `quarantined`,
    `given_up`.
    """
    message: str | None
    """What the authority last said."""
    code: str | None
    """Why it stopped or waits, stable: `validation_failed`, `sign_failed`, `quarantined`, `keys_refused`, …"""
    created_at: datetime
    stages: list[StageReached]
    csid: str | None = field(repr=False)
    """The cryptographic stamp identifier that an access point supplied; never one of our making."""
    stamp_payload: str = field(repr=False)
    invoice_json: str = field(repr=False)
    ubl_text: str = field(repr=False)
    mbs_text: str = field(repr=False)

    @property
    def invoice(self) -> Invoice:
        """What it says."""
        return Invoice.from_dict(json.loads(self.invoice_json))

    @property
    def ubl(self) -> bytes:
        """The UBL XML that was stored."""
        return self.ubl_text.encode()

    @property
    def mbs(self) -> bytes:
        """The bytes sent to the authority, every time."""
        return self.mbs_text.encode()

    @property
    def stamp(self) -> Stamp:
        """*The* stamp: print this one again, never make another."""
        return Stamp.of(self.stamp_payload)


@dataclass(frozen=True, slots=True)
class Record:
    """A deal or sale as its platform holds it, newest version."""

    id: str
    tenant_id: str
    connection_id: str
    platform: str
    account: str
    kind: Literal["deal", "order"]
    source_id: str
    """The platform's id of the record."""
    modified_at: datetime | None
    held: Reason | None
    """Why nothing more happens to it for now."""
    first_seen: datetime
    last_seen: datetime
    body_text: str = field(repr=False)

    @property
    def body(self) -> dict[str, Any]:
        """What the platform sent; fractions as `Decimal`."""
        body: dict[str, Any] = json.loads(self.body_text, parse_float=Decimal)
        return body


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of a record that was converted now."""

    record: Record
    documents: list[Document]

    @property
    def kind(self) -> Literal["invoice", "credit_note", "debit_note", "held"]:
        """The first document's type, or `held`."""
        return self.documents[0].type if self.documents else "held"

    @property
    def reason(self) -> Reason | None:
        """Why it waits, wholly or in part."""
        return self.record.held

    @property
    def invoice(self) -> Invoice | None:
        """The first document."""
        return self.documents[0].invoice if self.documents else None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job given up."""

    id: str
    kind: Literal["fetch", "prepare", "submit", "payment", "confirm"]
    subject: str
    """`order/<platform id>` to fetch, else the id of the record or document."""
    tenant_id: str
    connection_id: str
    attempts: int
    error_kind: str
    error: str
    """The last error, one sentence."""
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of a history."""

    at: datetime
    event: str
    """`record.stored`, `document.prepared`, `document.signed`, …"""
    detail: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a listing; iterate it, and go on with `cursor=page.next`."""

    items: list[T]
    next: str | None
    """None on the last page."""

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> T:
        return self.items[index]


def page(kind: type[T], text: str) -> Page[T]:
    """A page of `kind` from JSON text."""
    data = json.loads(text)
    return Page([fill(kind, item) for item in data["items"]], data["next"])
