"""A record straight to documents, without storage or network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from . import _taxpoynt
from ._fill import fill_list, fill_text
from ._taxpoynt import Rules
from .errors import PayloadError
from .explained import Explained, Provenance
from .invoice import Invoice

__all__ = ["Outcome", "PlatformInfo", "Provenance", "Reason", "Rules", "Setting", "convert", "irn", "platforms", "register_template"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a sale waits."""

    code: str
    """Stable: `deal_not_won`, `totals_disagree`."""
    message: str
    """One sentence a bookkeeper understands."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one document of a record became."""

    kind: Literal["invoice", "credit_note", "debit_note", "held"]
    reason: Reason | None = None
    """Why it waits; only when held."""
    invoice: Invoice | None = None
    """The document; None when held."""
    remarks: list[str] = field(default_factory=list)
    """Differences that were recorded and held nothing back, one sentence each."""
    _provenance: str = field(default="[]", repr=False, compare=False)
    _told: _Told | None = field(default=None, repr=False, compare=False)

    def explain(self) -> list[Provenance]:
        """For every mapped field: the rule and the source that set it."""
        return fill_list(Provenance, self._provenance)

    def explanation(self) -> Explained:
        """Where every element of the document came from, or why there is none; `.table` is it in plain text."""
        assert self._told is not None, "only what `convert` gives can be explained"
        return fill_text(Explained, self._told.json())


class _Told:
    """How an outcome came about: worked out when somebody asks, and before it is pickled."""

    __slots__ = ("_native", "_text")

    def __init__(self, native: _taxpoynt.Explainer | None, text: str = "") -> None:
        self._native = native
        self._text = text

    def json(self) -> str:
        return self._text if self._native is None else self._native.json()

    def __reduce__(self) -> tuple[type[_Told], tuple[None, str]]:
        return _Told, (None, self.json())


def convert(
    platform: str,
    record: bytes | str | dict[str, Any],
    *,
    tenant: dict[str, Any],
    rules: Rules | str | None = None,
    issued: Iterable[dict[str, Any]] = (),
    sequence: int = 1,
    issue_date: date | None = None,
    approved: bool = False,
) -> list[Outcome]:
    """Turns a record of a platform into its documents: usually one, two for an exchange, or a held one that says why.

    `record` is one JSON object whose members are the platform's own resources (`order`, `payments`, …; a bare order or
    deal will do), as bytes, text or data. In data a `Decimal` and an `int` are exact and a `float` counts by its
    shortest form, up to 15 digits. `tenant` is the seller and what its bookkeeper decided. `rules` come on top of the
    platform's and the tenant's. `issued` lists what was invoiced before (`source_id`, `number`, `issue_date`, `irn`), so
    that a refund finds its original. Documents are numbered from `sequence` in their series. `issue_date` is the day of
    the sale unless given. Where the rules say that a person approves a document, it is held as `approval_required` unless it
    is `approved`.

    Raises `PayloadError` naming the field of a malformed record, `MappingError` for rules that do not load or apply,
    `ConfigError` naming the setting of a tenant that cannot be used, or an unknown platform.
    """
    if isinstance(rules, str):
        rules = Rules.parse(rules)
    before = [_plain(i) for i in issued]
    rows = _taxpoynt.convert(platform, record, tenant, rules, before, sequence, issue_date, approved)
    return [_outcome(*row) for row in rows]


def _outcome(
    native: _taxpoynt.Invoice | None,
    held: tuple[str, str] | None,
    remarks: list[str],
    provenance: str,
    explainer: _taxpoynt.Explainer,
) -> Outcome:
    if held is not None:
        return Outcome("held", reason=Reason(*held), _told=_Told(explainer))
    assert native is not None
    invoice = Invoice(native)
    return Outcome(
        invoice.type, invoice=invoice, remarks=remarks, _provenance=provenance, _told=_Told(explainer)
    )


def _plain(issued: dict[str, Any]) -> dict[str, Any]:
    """An entry of `issued`, whose date and document may be what `convert` gave."""
    plain = dict(issued)
    if isinstance(plain.get("issue_date"), date):
        plain["issue_date"] = plain["issue_date"].isoformat()
    if isinstance(plain.get("invoice"), Invoice):
        plain["invoice"] = plain["invoice"].to_dict()
    return plain


def irn(number: str, service_id: str, issue_date: date | str) -> str:
    """The invoice reference number `<number>-<service id>-<YYYYMMDD>`, which the taxpayer makes.

    Other characters of `number` than letters and digits are dropped. `issue_date` is a date or ISO 8601 text.
    Raises `PayloadError` naming the argument that cannot be used.
    """
    if isinstance(issue_date, str):
        try:
            issue_date = date.fromisoformat(issue_date)
        except ValueError:
            message = f"issue_date {issue_date!r} is not a date such as '2026-11-02'"
            raise PayloadError(message, kind="payload", operation="irn", context={"field": "issue_date"}) from None
    return _taxpoynt.irn(number, service_id, issue_date)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a connection."""

    name: str
    description: str
    required: bool


@dataclass(frozen=True, slots=True)
class PlatformInfo:
    """Who a connector is and what it can do."""

    id: str
    name: str
    family: Literal["crm", "pos"]
    auth: list[str]
    capabilities: list[str]
    settings: list[Setting]
    base_url: str
    setup_form: dict[str, Any]
    """JSON Schema of what `connect` takes: `credentials` and `settings`. A host draws its form from it."""

    def settings_schema(self) -> dict[str, Any]:
        """JSON Schema of `connect`'s `settings` alone."""
        settings: dict[str, Any] = self.setup_form["properties"]["settings"]
        return settings


def platforms() -> list[PlatformInfo]:
    """Every platform of this build and of the templates that were registered, by id."""
    return fill_list(PlatformInfo, _taxpoynt.platforms())


def register_template(text: str, *, name: str = "template.toml") -> PlatformInfo:
    """Adds a platform that a template describes (docs/templates.md), for this process; `name` is the file errors name.

    Call it at the start, before `Engine.open`: an engine keeps the platforms it was opened with. Raises `MappingError`
    with `line` and `column` for a template that does not load, `ConfigError` for the id of a platform of this build.
    """
    id = _taxpoynt.register_template(text, name)
    return next(info for info in platforms() if info.id == id)
