"""Times for the native module, as text with their zone."""

from __future__ import annotations

from datetime import datetime, timezone

from .errors import PayloadError


def utc(at: datetime | None, operation: str, field: str) -> str | None:
    """An aware time as UTC."""
    if at is None:
        return None
    if at.utcoffset() is None:
        message = f"{field} must say its time zone: use datetime.now(timezone.utc)"
        raise PayloadError(message, kind="payload", operation=operation, context={"field": field})
    return at.astimezone(timezone.utc).isoformat()
