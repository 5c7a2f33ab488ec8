"""The TaxPoynt engine: a till sale or CRM deal becomes a correct, stamped, transmitted Nigerian e-invoice.

Without storage or network::

    outcomes = taxpoynt.convert("square", record, tenant=tenant)
    xml = outcomes[0].invoice.to_ubl()

With them::

    async with await taxpoynt.Engine.open("sqlite:///taxpoynt.db", keys=[key]) as engine:
        ...

Amounts are `decimal.Decimal` in major units (naira, not kobo); dates are `datetime.date` in the seller's time zone,
times are aware `datetime.datetime`. Everything that is refused or fails is a `TaxpoyntError` whose text is one sentence.
Importing starts no thread. Native work releases the GIL. `taxpoynt.blocking` has the engine without asyncio.
"""

import atexit as _atexit

from . import authority, blocking, catalogue, errors, invoice, rows, ubl
from ._taxpoynt import CryptoKeys, Rules, Stamp, Vault, finish_handing_over as _finish_handing_over
from .authority import (
    Alarm,
    AuthorityCheck,
    Finding,
    Forecast,
    Inbound,
    InboundReport,
    KeyReport,
    LostValue,
    Notice,
    Payment,
    SlotForecast,
    Transmission,
)
from .catalogue import (
    CatalogueEntry,
    Classified,
    Code,
    CodeList,
    ImportReport,
    Problem,
    RefreshedList,
    Suggestion,
    UnclassifiedItem,
)
from .conversion import Outcome, PlatformInfo, Provenance, Reason, Setting, convert, irn, platforms
from .engine import Engine
from .errors import (
    Ambiguous,
    AuthorityError,
    ConfigError,
    Fault,
    MappingError,
    NotFound,
    PayloadError,
    PermissionDenied,
    PlatformError,
    RateLimited,
    Rejected,
    Replayed,
    SignatureInvalid,
    StoreError,
    TaxpoyntError,
    TimedOut,
    Unauthenticated,
    Unavailable,
    ValidationError,
    WebhookError,
)
from .invoice import (
    Address,
    AllowanceCharge,
    Contact,
    DocumentReference,
    ElectronicAddress,
    Invoice,
    InvoiceLine,
    Party,
    PaymentMeans,
    Tax,
    TaxSubtotal,
    Totals,
)
from .rows import (
    AuditEntry,
    Connection,
    DeadLetter,
    Document,
    Drained,
    Explained,
    Page,
    Prepared,
    Receipt,
    Record,
    RecordKey,
    StageReached,
    SyncEntry,
    SyncReport,
    Tenant,
)
from .webhooks import WebhookEvent, verify_webhook

__all__ = [
    "Address",
    "Alarm",
    "AllowanceCharge",
    "Ambiguous",
    "AuditEntry",
    "AuthorityCheck",
    "AuthorityError",
    "CatalogueEntry",
    "Classified",
    "Code",
    "CodeList",
    "ConfigError",
    "Connection",
    "Contact",
    "CryptoKeys",
    "DeadLetter",
    "Document",
    "DocumentReference",
    "Drained",
    "ElectronicAddress",
    "Engine",
    "Explained",
    "Fault",
    "Finding",
    "Forecast",
    "ImportReport",
    "Inbound",
    "InboundReport",
    "Invoice",
    "InvoiceLine",
    "KeyReport",
    "LostValue",
    "MappingError",
    "NotFound",
    "Notice",
    "Outcome",
    "Page",
    "Party",
    "PayloadError",
    "Payment",
    "PaymentMeans",
    "PermissionDenied",
    "PlatformError",
    "PlatformInfo",
    "Prepared",
    "Problem",
    "Provenance",
    "RateLimited",
    "Reason",
    "Receipt",
    "Record",
    "RecordKey",
    "RefreshedList",
    "Rejected",
    "Replayed",
    "Rules",
    "Setting",
    "SignatureInvalid",
    "SlotForecast",
    "StageReached",
    "Stamp",
    "StoreError",
    "Suggestion",
    "SyncEntry",
    "SyncReport",
    "Tax",
    "TaxSubtotal",
    "TaxpoyntError",
    "Tenant",
    "TimedOut",
    "Totals",
    "Transmission",
    "Unauthenticated",
    "Unavailable",
    "UnclassifiedItem",
    "ValidationError",
    "Vault",
    "WebhookError",
    "WebhookEvent",
    "authority",
    "blocking",
    "catalogue",
    "convert",
    "errors",
    "invoice",
    "irn",
    "platforms",
    "rows",
    "ubl",
    "verify_webhook",
]

# An answer may be on its way from a thread of ours when the program ends.
_atexit.register(_finish_handing_over)
