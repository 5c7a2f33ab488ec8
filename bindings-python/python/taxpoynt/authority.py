"""What the engine answers about the tax authority: deadlines, received documents, and what follows acceptance."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from .conversion import Reason

__all__ = [
    "Alarm",
    "AuthorityCheck",
    "Finding",
    "Forecast",
    "Inbound",
    "InboundReport",
    "KeyReport",
    "LostValue",
    "Notice",
    "Payment",
    "SlotForecast",
    "Transmission",
]


@dataclass(frozen=True, slots=True)
class SlotForecast:
    """Waiting documents with deadlines near each other."""

    first: datetime
    """The earliest deadline among them."""
    last: datetime
    waiting: int
    will_miss: int
    done_at: datetime | None
    """When the last that can be in time is signed; None where none can, or nobody can say."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """How the waiting documents will fare at the present speed. Only B2C documents have a deadline."""

    at: datetime
    message: str
    """It in one or two sentences for an operator."""
    out_since: datetime | None
    """Since when the authority has not answered; None while it does."""
    pace: Literal["keeps_up", "measured", "stopped"]
    documents_per_hour: int | None
    """None where there is no backlog to measure it by."""
    waiting: int
    """Documents with a deadline ahead."""
    will_miss: int
    first_missed: datetime | None
    """The earliest deadline that will be missed."""
    last_missed: datetime | None
    worst_seconds: int | None
    """By how many seconds the first of them will miss it at most; None where nobody can say."""
    late: int
    """Documents whose deadline has passed."""
    clearances: int
    """Documents to be cleared before their buyers get them."""
    unhurried: int
    """Documents without a deadline."""
    stuck: int
    """Refused or given up with a deadline ahead: a person must see to them."""
    stuck_first: datetime | None
    """The earliest deadline among the stuck."""
    even_if_back: int | None
    """In an outage: how many will miss their deadline even if the authority comes back this minute."""
    slots: list[SlotForecast]
    """By deadline, earliest first."""


@dataclass(frozen=True, slots=True)
class LostValue:
    """A stored credential that no listed key opens."""

    place: str
    """`connections.sealed`, `tenants.sealed`, …"""
    id: str
    """Of its row: the connection's, the tenant's."""


@dataclass(frozen=True, slots=True)
class KeyReport:
    """How far the stored credentials are under the newest key."""

    of: int
    """Stored credentials."""
    done: int
    """Under the newest key."""
    left: int
    """Under older keys. At 0 these may go from the list."""
    failed: int
    """Opened by no listed key: list it, or store them again."""
    by_key: list[int]
    """Under each listed key, newest first."""
    resealed: int
    """How many this rotation has sealed anew."""
    lost: list[LostValue]
    """Where the first hundred of `failed` are."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm about deadlines, as it was told."""

    seq: int
    """Its place in the order of all alarms, from 1."""
    at: datetime
    change: Literal["raised", "worse", "cleared"]
    will_miss: int
    first: datetime | None
    """The earliest deadline that will be missed."""
    last: datetime | None
    message: str
    """The sentence for an operator."""


@dataclass(frozen=True, slots=True)
class InboundReport:
    """What a listing of received documents gave."""

    seen: int
    new: int
    known: int
    failed: int
    """Rows that name no document; each is kept as it came."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a received document."""

    id: str
    """`IN-SUM-01`, `BR-CO-10`."""
    fatal: bool
    """Whether it speaks against taking the document as it is."""
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """A document that others sent to a tenant. Its content is there when it was asked for alone."""

    id: str
    tenant_id: str
    irn: str
    origin: Literal["pull", "webhook", "host"]
    """How it was first heard of."""
    state: Literal["announced", "downloaded", "checked", "acknowledged", "held", "unreadable", "refused"]
    code: str | None
    """Why it waits or ended; stable: `faulty`, `not_readable`, `pdf_only`."""
    message: str | None
    """The same in one sentence."""
    faulty: bool
    """Whether something speaks against taking it as it is."""
    supplier_name: str | None
    supplier_tin: str | None
    number: str | None
    """The supplier's number of it."""
    issue_date: date | None
    type: Literal["invoice", "credit_note", "debit_note"] | None
    currency: str | None
    payable_amount: Decimal | None
    findings: list[Finding]
    announced_at: datetime
    downloaded_at: datetime | None
    checked_at: datetime | None
    acknowledged_at: datetime | None
    raw_text: str | None = field(repr=False)
    """What came, sealed as it came."""
    mbs_text: str | None = field(repr=False)
    """The authority's JSON, opened."""
    ubl_text: str | None = field(repr=False)
    """UBL XML: `ubl` has its bytes."""
    pdf_base64: str | None = field(repr=False)
    """The PDF, where that is what came: `pdf` has its bytes."""

    @property
    def mbs(self) -> dict[str, Any] | None:
        """The authority's JSON; fractions as `Decimal`."""
        if self.mbs_text is None:
            return None
        mbs: dict[str, Any] = json.loads(self.mbs_text, parse_float=Decimal)
        return mbs

    @property
    def ubl(self) -> bytes | None:
        """It as UBL XML, for `taxpoynt.ubl.parse`."""
        return None if self.ubl_text is None else self.ubl_text.encode()

    @property
    def pdf(self) -> bytes | None:
        """The PDF, where that is what came."""
        return None if self.pdf_base64 is None else base64.b64decode(self.pdf_base64)


@dataclass(frozen=True, slots=True)
class Payment:
    """The payment of a document, as far as it was reported to the authority."""

    document_id: str
    status: Literal["PAID", "REJECTED"]
    reference: str | None
    """The payment's own reference."""
    origin: Literal["record", "host"]
    """Who said so first: the platform's record, or the host."""
    state: Literal["wanted", "sending", "done", "refused"]
    """How far its report got."""
    message: str | None
    """What the authority said, one sentence."""
    requested_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Transmission:
    """The sending of a document to its buyer, as last read from the authority."""

    document_id: str
    state: Literal["transmitting", "transmitted", "acknowledged", "transmit_failed"]
    transmitted_at: datetime | None
    acknowledged_at: datetime | None
    failed_at: datetime | None
    resent: int
    """How often it was sent again."""
    message: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What was posted to us in the authority's name about a document: a hint, never proof."""

    irn: str
    event: str
    """`TRANSMITTED`, `FAILED`, …"""
    seen: int
    """How often it came."""
    received_at: datetime
    handled_at: datetime | None
    """When the document was read again because of it."""
    body_text: str = field(repr=False)
    """The first body that said so."""


@dataclass(frozen=True, slots=True)
class AuthorityCheck:
    """Whether a tenant is set up at the authority as its settings say."""

    ok: bool
    findings: list[Reason]
    """What is wrong, the first thing to mend first; `code` is stable."""
