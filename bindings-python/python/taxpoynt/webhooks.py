"""Webhooks: who sent it, and what it announces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import _taxpoynt

__all__ = ["Headers", "WebhookEvent", "verify_webhook"]

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
