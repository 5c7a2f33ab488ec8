"""The document: what an invoice, credit note or debit note says.

Amounts are `Decimal` in the document's currency, major units (naira, not kobo), and always positive.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from . import _taxpoynt
from ._fill import fill

__all__ = [
    "Address",
    "AllowanceCharge",
    "Contact",
    "DocumentReference",
    "ElectronicAddress",
    "Invoice",
    "InvoiceLine",
    "Party",
    "PaymentMeans",
    "Tax",
    "TaxSubtotal",
    "Totals",
]

@dataclass(frozen=True, slots=True)
class Address:
    """A postal address."""

    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    lga: str | None = None
    """Local government area: `NG-LA-IKJ`."""
    state: str | None = None
    """ISO 3166-2 for Nigeria (`NG-LA`), else as written."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who can be asked."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class ElectronicAddress:
    """Where a party receives electronic documents (BT-34, BT-49)."""

    scheme: str
    id: str


@dataclass(frozen=True, slots=True)
class Party:
    """The seller or the buyer."""

    name: str
    """Legal name."""
    address: Address
    trading_name: str | None = None
    tin: str | None = None
    """Tax identification number without country prefix: `12345678-0001`."""
    registration_number: str | None = None
    """Company registration number (CAC RC)."""
    email: str | None = None
    phone: str | None = None
    business_description: str | None = None
    endpoint: ElectronicAddress | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax as it applies to a line, an allowance or a charge."""

    category: Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"]
    """A VAT category of UNCL 5305, as EN 16931 uses it."""
    percent: Decimal
    reason: str | None = None
    """Why none is charged."""
    amount: Decimal | None = None
    """What the platform itself applied here; not part of UBL."""


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """An amount taken off or put on, at a line or at the document."""

    amount: Decimal
    reason: str | None = None
    tax: Tax | None = None
    """Only at the document: a line's allowance is taxed as the line."""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One thing sold."""

    id: str
    name: str
    quantity: Decimal
    unit: str
    """UN/ECE recommendation 20: `C62` one, `KGM` kilogram."""
    unit_price: Decimal
    """Price of `base_quantity` units, without tax."""
    net_amount: Decimal
    """quantity × price ÷ base quantity − allowances + charges, without tax."""
    tax: Tax
    description: str | None = None
    sku: str | None = None
    base_quantity: Decimal = Decimal(1)
    allowances: list[AllowanceCharge] = field(default_factory=list)
    charges: list[AllowanceCharge] = field(default_factory=list)
    classification: dict[str, str] | None = None
    """`hsn_code` and `product_category`, or `isic_code` and `service_category`."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """How the document is or was paid."""

    code: str
    """UNTDID 4461: `10` cash, `30` credit transfer, `48` bank card, `ZZZ` agreed between the parties."""
    name: str | None = None
    payment_id: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """A document this one corrects."""

    number: str
    irn: str | None = None
    issue_date: date | None = None


@dataclass(frozen=True, slots=True)
class TaxSubtotal:
    """One row of the VAT breakdown: one per category and rate."""

    category: Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"]
    """A VAT category of UNCL 5305, as EN 16931 uses it."""
    percent: Decimal
    taxable_amount: Decimal
    tax_amount: Decimal
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of EN 16931 (BG-22)."""

    line_extension_amount: Decimal
    """Sum of line net amounts (BT-106)."""
    allowance_total: Decimal
    charge_total: Decimal
    tax_exclusive_amount: Decimal
    tax_amount: Decimal
    tax_inclusive_amount: Decimal
    prepaid_amount: Decimal
    rounding_amount: Decimal
    payable_amount: Decimal
    """To pay (BT-115)."""


@dataclass(frozen=True, slots=True)
class _Fields:
    type: Literal["invoice", "credit_note", "debit_note"]
    kind: Literal["B2B", "B2C", "B2G"]
    number: str
    issue_date: date
    currency: str
    supplier: Party
    lines: list[InvoiceLine]
    totals: Totals
    tax_subtotals: list[TaxSubtotal]
    irn: str | None = None
    business_id: str | None = None
    issue_time: time | None = None
    due_date: date | None = None
    tax_point_date: date | None = None
    source_id: str | None = None
    payment_status: Literal["PENDING", "PAID", "REJECTED"] = "PENDING"
    note: str | None = None
    buyer_reference: str | None = None
    order_reference: str | None = None
    payment_terms: str | None = None
    customer: Party | None = None
    allowances: list[AllowanceCharge] = field(default_factory=list)
    charges: list[AllowanceCharge] = field(default_factory=list)
    payment_means: list[PaymentMeans] = field(default_factory=list)
    references: list[DocumentReference] = field(default_factory=list)


class Invoice:
    """An invoice, credit note or debit note. It never changes; its fields are read when first asked for.

    Made by `convert`, `ubl.parse`, `from_dict` or an `Engine`.
    """

    __slots__ = ("__weakref__", "_fields", "_native")

    if TYPE_CHECKING:
        _native: _taxpoynt.Invoice
        type: Literal["invoice", "credit_note", "debit_note"]
        kind: Literal["B2B", "B2C", "B2G"]
        """B2G for a government buyer, B2B for an organisation or a TIN, else B2C."""
        number: str
        irn: str | None
        """Invoice reference number; None for a seller without a service id."""
        business_id: str | None
        issue_date: date
        issue_time: time | None
        due_date: date | None
        tax_point_date: date | None
        """The day of the sale in the time zone of its location, else the tenant's."""
        currency: str
        """ISO 4217."""
        source_id: str | None
        """The platform's id of the record."""
        payment_status: Literal["PENDING", "PAID", "REJECTED"]
        note: str | None
        buyer_reference: str | None
        order_reference: str | None
        payment_terms: str | None
        supplier: Party
        customer: Party | None
        """None for a walk-in."""
        lines: list[InvoiceLine]
        allowances: list[AllowanceCharge]
        charges: list[AllowanceCharge]
        payment_means: list[PaymentMeans]
        totals: Totals
        tax_subtotals: list[TaxSubtotal]
        references: list[DocumentReference]
        """Of a credit note: what it corrects."""
    else:

        def __getattr__(self, name: str) -> Any:
            if name not in _Fields.__slots__:
                raise AttributeError(f"an invoice has no {name!r}")
            if self._fields is None:
                object.__setattr__(self, "_fields", fill(_Fields, self.to_dict()))
            return getattr(self._fields, name)

        def __setattr__(self, name: str, value: Any) -> NoReturn:
            raise AttributeError("an invoice does not change; a correction is a new document")

    def __init__(self, native: _taxpoynt.Invoice) -> None:
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "_fields", None)

    def to_ubl(self) -> bytes:
        """UBL 2.1 XML, UTF-8. Raises `ValidationError` for what XML cannot hold."""
        return self._native.to_ubl()

    def to_mbs(self) -> dict[str, Any]:
        """The tax authority's JSON; every number is the `Decimal` its text says.

        Raises `ValidationError` or `PayloadError` for what the authority's JSON cannot say.
        """
        mbs: dict[str, Any] = json.loads(self._native.to_mbs(), parse_float=Decimal, parse_int=Decimal)
        return mbs

    def to_dict(self) -> dict[str, Any]:
        """Its fields as JSON data: amounts as text, dates as ISO 8601."""
        fields: dict[str, Any] = json.loads(self._native.json())
        return fields

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Invoice:
        """The document that `to_dict` gave. Raises `PayloadError` naming the field."""
        return cls(_taxpoynt.from_json(data))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Invoice):
            return NotImplemented
        return self._native.json() == other._native.json()

    def __hash__(self) -> int:
        return hash(self._native.json())

    def __reduce__(self) -> tuple[Any, ...]:
        return Invoice.from_dict, (self.to_dict(),)

    def __repr__(self) -> str:
        return f"<Invoice {self.type} {self.number!r}: {self.totals.payable_amount} {self.currency}>"

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_Fields.__slots__})
