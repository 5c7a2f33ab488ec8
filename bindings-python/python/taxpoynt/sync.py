"""What the engine answers about pulls: imports, the health of a connection's pulls, and counted days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from .rows import RecordKey

__all__ = [
    "Backfill",
    "Difference",
    "Progress",
    "Reconciliation",
    "SyncCounts",
    "SyncHealth",
    "Tally",
    "TallyEntry",
]


@dataclass(frozen=True, slots=True)
class SyncCounts:
    """What an import found so far."""

    pages: int
    seen: int
    """Records read."""
    new: int
    changed: int
    unchanged: int
    failed: int
    """Could not be read; each is fetched on its own."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import got."""

    seen: int
    """Records read."""
    total: int | None
    """Records to read, where the platform says so."""
    per_hour: int | None
    """Records an hour since it began; None before the first second."""
    done_at: datetime | None
    """When it will be done at this speed; None where nobody can tell."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """An import of what a platform had before, in the slow lane."""

    id: str
    connection_id: str
    state: Literal["running", "done", "cancelled", "paused"]
    """`running` also between attempts: `error` then says why it waits."""
    since: datetime | None
    until: datetime | None
    counts: SyncCounts
    progress: Progress
    error: str | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class SyncHealth:
    """How the pulls of a connection get on."""

    every_seconds: int | None
    """How often it is pulled; None: as the engine is set; 0: never by itself."""
    next_at: datetime | None
    """When it is due next; None before the first pull."""
    failures: int
    """Pulls that failed one after the other."""
    failing: bool
    """Three in a row have failed: somebody should look."""
    error: str | None
    """Why the last one failed."""
    watermark: datetime | None
    """Everything that changed before this time was read."""
    seen_until: datetime | None
    """The latest change seen."""
    deep_at: datetime | None
    """When a pull last read further back."""
    swept_at: datetime | None
    """When deleted records were last listed."""
    count_at: datetime | None
    """When its days are counted next."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many records count on a day, and what they come to."""

    count: int
    sums: dict[str, Decimal]
    """By currency; `-` for records that name none."""


@dataclass(frozen=True, slots=True)
class TallyEntry:
    """What one side counts of one record."""

    key: RecordKey
    at: datetime
    """When it was closed: the day it counts on."""
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that does not count for the same on both sides."""

    key: RecordKey
    theirs: TallyEntry | None
    """None where it does not count on this day at the platform."""
    ours: TallyEntry | None
    """None where it does not count on any day here."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A day of the seller's calendar, counted at the platform and here."""

    connection_id: str
    platform: str
    day: date
    at: datetime
    """When it was counted."""
    proved: bool
    """Whether both sides have the same records at the same amounts."""
    theirs: Tally
    claimed: int | None
    """How many the platform said it has, where it says so beside the list."""
    ours: Tally
    missing: list[TallyEntry]
    """The platform has them, we have not."""
    extra: list[TallyEntry]
    """We have them, the platform has not."""
    different: list[Difference]
    fetched: int
    """How many of these are being fetched."""
    table: str = field(repr=False)
    """It in plain text, to print or to mail."""
