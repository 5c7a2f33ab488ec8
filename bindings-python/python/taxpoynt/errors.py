"""One tree of exceptions. Each says what happened (`kind`), where (`operation`), and whether it may be repeated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = [
    "Ambiguous",
    "AuthorityError",
    "ConfigError",
    "Fault",
    "MappingError",
    "NotFound",
    "PayloadError",
    "PermissionDenied",
    "PlatformError",
    "RateLimited",
    "Rejected",
    "Replayed",
    "SignatureInvalid",
    "StoreError",
    "TaxpoyntError",
    "TimedOut",
    "Unauthenticated",
    "Unavailable",
    "ValidationError",
    "WebhookError",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule of a document."""

    id: str
    """Permanent id of the rule: `BR-CO-17`."""
    severity: Literal["fatal", "warning"]
    ruleset: str
    """`ubl21`, `en16931`, `peppol`, `nigeria`; empty where the authority named the fault."""
    path: str
    """Where: an element path or a field path."""
    message: str
    """What is wrong and what would satisfy the rule."""


class TaxpoyntError(Exception):
    """Anything the engine refuses or fails at. `str()` is one sentence; no secret is ever in it."""

    kind: str
    """What happened, `rate_limited`; finer than the class where a class covers several."""
    operation: str
    """A dotted name: `square.fetch`."""
    retryable: bool
    """Whether repeating the same call can succeed. False where it may have taken effect: ask first."""
    retry_after: float | None
    """Seconds to wait before repeating, where the other side said so."""
    context: dict[str, str]
    """Facts such as ids, a field, a status."""

    def __init__(
        self,
        message: str,
        *,
        kind: str = "other",
        operation: str = "",
        retryable: bool = False,
        retry_after: float | None = None,
        context: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.operation = operation
        self.retryable = retryable
        self.retry_after = retry_after
        self.context = context or {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), str(self)), self.__dict__


class ConfigError(TaxpoyntError):
    """The host configured something wrong; `context["field"]` names it where there is one."""


class MappingError(TaxpoyntError):
    """A mapping rule does not load or cannot be applied. Mend the rule and replay."""

    @property
    def line(self) -> int | None:
        """Line in the rules, from 1."""
        return _number(self.context.get("line"))

    @property
    def column(self) -> int | None:
        """Column in the line, from 1."""
        return _number(self.context.get("column"))


class PayloadError(TaxpoyntError):
    """A record or value from outside is malformed."""

    @property
    def field(self) -> str:
        """Its path: `order.line_items[0].total_money.currency`."""
        return self.context.get("field", "")


class WebhookError(TaxpoyntError):
    """A webhook could not be taken."""


class SignatureInvalid(WebhookError):
    """Its signature or credentials do not verify."""


class Replayed(WebhookError):
    """Its timestamp is outside the tolerance."""


class PlatformError(TaxpoyntError):
    """The other side answered what the connector does not understand, or cannot do what was asked."""


class Unauthenticated(PlatformError):
    """The platform refuses the credentials; the connection needs a new authorization."""


class PermissionDenied(PlatformError):
    """The credentials lack a permission."""


class NotFound(PlatformError):
    """The thing does not exist, or belongs to another tenant."""


class RateLimited(PlatformError):
    """Too many calls; `retry_after` says how long to wait."""


class Unavailable(PlatformError):
    """The other side cannot be reached or answered 5xx."""


class TimedOut(PlatformError):
    """No answer within the deadline."""


class ValidationError(TaxpoyntError):
    """The document breaks rules."""

    faults: list[Fault] = []
    """Every broken rule."""


class AuthorityError(TaxpoyntError):
    """Trouble with the tax authority."""


class Rejected(AuthorityError):
    """The authority refused the document as it is."""


class Ambiguous(AuthorityError):
    """The document may have been registered: ask for its status before sending it again."""


class StoreError(TaxpoyntError):
    """The store failed, or another writer was first (`kind` is `conflict` or `fenced`)."""


_CLASSES: dict[str, type[TaxpoyntError]] = {
    "config": ConfigError,
    "mapping": MappingError,
    "payload": PayloadError,
    "webhook": WebhookError,
    "signature_invalid": SignatureInvalid,
    "replayed": Replayed,
    "unauthenticated": Unauthenticated,
    "permission_denied": PermissionDenied,
    "not_found": NotFound,
    "rate_limited": RateLimited,
    "unavailable": Unavailable,
    "timed_out": TimedOut,
    "platform": PlatformError,
    "unsupported": PlatformError,
    "validation": ValidationError,
    "rejected": Rejected,
    "ambiguous": Ambiguous,
    "authority": AuthorityError,
    "store": StoreError,
    "fenced": StoreError,
    "conflict": StoreError,
}


def _raised(
    kind: str,
    message: str,
    operation: str,
    retryable: bool,
    retry_after: int | None,
    context: Iterable[tuple[str, str]],
    faults: Iterable[tuple[str, Literal["fatal", "warning"], str, str]],
) -> TaxpoyntError:
    """The exception for an error of the native module. `retry_after` is in milliseconds."""
    error = _CLASSES.get(kind, TaxpoyntError)(
        message,
        kind=kind,
        operation=operation,
        retryable=retryable,
        retry_after=None if retry_after is None else retry_after / 1000,
        context=dict(context),
    )
    if isinstance(error, ValidationError):
        error.faults = [Fault(id, severity, "", path, text) for id, severity, path, text in faults]
    return error


def _rebuilt(kind: type[TaxpoyntError], message: str) -> TaxpoyntError:
    return kind(message)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None
