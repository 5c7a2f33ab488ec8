"""Webhooks: who sent it, what it announces, and what the engine keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from . import _taxpoynt

__all__ = [
    "Delivery",
    "DeliveryEvent",
    "GuideEvent",
    "GuideFile",
    "GuideStep",
    "Headers",
    "ReplayReport",
    "Subscription",
    "SubscriptionCheck",
    "WebhookEvent",
    "WebhookGuide",
    "WebhookSecret",
    "verify_webhook",
]

Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]
"""Headers as any framework has them; case does not matter."""


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """What a webhook announces."""

    event_id: str
    """The platform's identity of the event: equal for every repetition, different for every other event."""
    kind: str
    """The platform's name of what happened: `payment.updated`."""
    account: str | None
    """The platform's id of the account it happened in."""
    record_kind: str | None
    """`deal` or `order`; None where the event is none of ours."""
    record_id: str | None
    """The platform's id of the record to fetch."""
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription that the engine made at a platform, or took over."""

    id: str
    platform: str
    connection_id: str | None
    """None for that of the host's app."""
    external_id: str
    """The platform's id of it."""
    base_url: str | None
    """Where the platform's API was, if not where it usually is."""
    url: str
    """Where it sends to."""
    events: list[str]
    """What it sends."""
    state: Literal["active", "failing"]
    message: str | None
    """Why the last check failed, one sentence."""
    created_at: datetime
    checked_at: datetime
    check_at: datetime
    """When it is compared with the platform's again."""


@dataclass(frozen=True, slots=True)
class SubscriptionCheck:
    """What a subscription was found to be, and what was done about it."""

    platform: str
    connection_id: str | None
    """None for that of the host's app."""
    outcome: Literal["created", "adopted", "unchanged", "amended", "recreated", "failed"]
    drift: list[str]
    """What had drifted: `url`, `events`, `disabled`, `version`."""
    message: str | None
    """Why it failed, one sentence."""


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A webhook secret, without it."""

    id: str | None
    """None for one that stands in the credentials or in `apps`."""
    origin: Literal["host", "platform", "configured"]
    """Who gave it."""
    added_at: datetime | None
    retired_at: datetime | None
    """Since when it opens nothing."""


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One step of a guide."""

    text: str
    """What to do."""
    paste: list[str]
    """What to type or paste, one line each."""


@dataclass(frozen=True, slots=True)
class GuideEvent:
    """A kind of event to ask for."""

    name: str
    """As the platform names it."""
    why: str


@dataclass(frozen=True, slots=True)
class GuideFile:
    """A file to be handed to the platform."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class WebhookGuide:
    """How to set up a webhook by hand."""

    platform: str
    title: str
    before: str
    """What a person needs before the first step."""
    steps: list[GuideStep]
    url: str
    """The public URL, byte for byte."""
    events: list[GuideEvent]
    secret: str
    """Where the secret is shown, and where it goes."""
    check: str
    """How to see that it works."""
    files: list[GuideFile]
    automatic: bool
    """Whether `subscribe` can do all of this."""
    text: str = field(repr=False)
    """All of it as a page to print."""


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """An event that a stored webhook brought first."""

    event_id: str
    kind: str
    """The platform's name of what happened."""
    record_id: str | None
    """The platform's id of the record that was fetched; None where the event is none of ours and was ignored."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A stored webhook, without its body."""

    id: str
    connection_id: str
    tenant_id: str
    received_at: datetime
    bytes: int
    """How long its body is."""
    events: list[DeliveryEvent]
    faults: list[str]
    """Why parts of it could not be read, one sentence each."""
    shared: bool
    """Whether its body may hold events of others."""
    replays: int
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What replaying came to."""

    deliveries: int
    """Deliveries that were read again."""
    queued: int
    """Fetches that were queued."""
    faulty: int
    """Deliveries of which parts still cannot be read."""


def verify_webhook(
    platform: str,
    *,
    method: str,
    url: str,
    headers: Headers,
    body: bytes,
    secret: str | Iterable[str],
    now: datetime | None = None,
) -> list[WebhookEvent]:
    """Checks that the platform sent this and lists its events.

    `url` is the public URL the platform was told, byte for byte; `body` the raw bytes as they arrived. `secret` may be
    several while one is being rotated. `now` (aware) is the time to judge timestamps by, else the machine's.

    Raises `SignatureInvalid` or `Replayed`, `PayloadError` for a body the platform does not document, `ConfigError`
    for a platform without webhooks.
    """
    secrets = [secret] if isinstance(secret, str) else list(secret)
    rows = _taxpoynt.verify_webhook(platform, method, url, pairs(headers), body, secrets, now)
    return [WebhookEvent(*row) for row in rows]


def pairs(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Headers as the bytes of the wire."""
    items: Iterable[tuple[Any, Any]] = headers.items() if isinstance(headers, Mapping) else headers
    return [(_wire(name), _wire(value)) for name, value in items]


def _wire(text: str | bytes) -> bytes:
    return text.encode("latin-1", "replace") if isinstance(text, str) else bytes(text)
