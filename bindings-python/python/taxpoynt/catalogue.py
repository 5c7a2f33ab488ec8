"""What the engine answers about a tenant's catalogue and the authority's code lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

__all__ = [
    "CatalogueEntry",
    "Classified",
    "Code",
    "CodeList",
    "ImportReport",
    "Problem",
    "RefreshedList",
    "Suggestion",
    "UnclassifiedItem",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an entry or a row of a file."""

    line: int | None
    """The line of the file, from 1; None for what came from no file."""
    column: str | None
    severity: Literal["fatal", "warning"]
    message: str
    """What is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import of a catalogue came to."""

    imported: bool
    rows: int
    """Rows of the file, header and empty ones apart."""
    added: int
    changed: int
    unchanged: int
    removed: int
    released: int
    """Sales that waited for one of the entries and move on."""
    problems: list[Problem]
    """Everything that is wrong with the file, in the order of lines."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One entry of a catalogue, found by the first of item id, SKU, name, pattern and category that it has."""

    key: str
    platform: str | None
    """The platform it holds for; None: for any."""
    item_id: str | None
    sku: str | None
    name: str | None
    name_pattern: str | None
    """A name with `*` for any text."""
    category: str | None
    classification: dict[str, str]
    """`hsn_code` and `product_category`, or `isic_code` and `service_category`."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A classification that may fit. A person decides."""

    classification: dict[str, str]
    """`hsn_code` and `product_category`, or `isic_code` and `service_category`."""
    why: str
    """Where it is from, in words."""


@dataclass(frozen=True, slots=True)
class UnclassifiedItem:
    """An item that nothing classifies, and the sales that wait for it."""

    key: str
    """What `Engine.classify` takes."""
    platform: str
    """The platform it was first seen on."""
    item_id: str | None
    sku: str | None
    name: str
    category: str | None
    first_seen: datetime
    """When a sale first waited for it."""
    waiting: int
    """Sales that wait for it."""
    amounts: dict[str, Decimal]
    """What it comes to in all of them by currency, without tax."""
    suggestions: list[Suggestion]


@dataclass(frozen=True, slots=True)
class Classified:
    """What an answer for an item came to."""

    entry: CatalogueEntry
    """The entry that is in the catalogue now."""
    released: int
    """Sales that waited for it and move on."""
    problems: list[Problem]
    """What a person should look at: a code that is not on the authority's list."""


@dataclass(frozen=True, slots=True)
class Code:
    """One row of a code list."""

    code: str
    name: str
    """What it means; empty where the list says no more than the code."""
    state: str | None
    """Of an LGA: the code of its state."""


@dataclass(frozen=True, slots=True)
class CodeList:
    """One of the authority's code lists. One without codes is not known: codes are then checked by their form alone."""

    name: Literal[
        "tax_categories",
        "payment_means",
        "document_types",
        "states",
        "lgas",
        "hs_codes",
        "service_codes",
        "currencies",
        "countries",
    ]
    shipped_on: date | None
    """Built into this version, as the list stood on that day; None where it was read from the authority."""
    refreshed_at: datetime | None
    """When it was read from the authority."""
    codes: list[Code] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RefreshedList:
    """What became of a code list."""

    name: Literal[
        "tax_categories",
        "payment_means",
        "document_types",
        "states",
        "lgas",
        "hs_codes",
        "service_codes",
        "currencies",
        "countries",
    ]
    shipped_on: date | None
    """Built into this version, as the list stood on that day; None where it was read from the authority."""
    refreshed_at: datetime | None
    """When it was read from the authority."""
    rows: int
    added: list[str]
    """Codes that the refresh brought."""
    removed: list[str]
    """Codes that are gone with it."""
    kept: str | None
    """Why the list before it was kept; None where the new one was taken."""
