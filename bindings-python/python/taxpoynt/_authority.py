"""The engine's calls about the tax authority; `Engine` has them all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import Future
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeVar

from . import _taxpoynt
from ._fill import fill_list, fill_text
from .authority import (
    Alarm,
    AuthorityCheck,
    Forecast,
    Inbound,
    InboundReport,
    KeyReport,
    Notice,
    Payment,
    Transmission,
)
from .catalogue import Classified, CodeList, ImportReport, RefreshedList, UnclassifiedItem
from .rows import AuditEntry, Document, Page, Receipt, page
from .webhooks import Headers, pairs

T = TypeVar("T")


class Waiter(Protocol):
    """How a caller waits for the engine's runtime."""

    async def answer(self, pending: Future[str]) -> str: ...
    async def close(self, native: _taxpoynt.Engine) -> None: ...


class AuthorityCalls:
    """What an engine does with the authority beside submitting documents."""

    __slots__ = ("_native", "_waiter")

    _native: _taxpoynt.Engine
    _waiter: Waiter

    async def _ask(self, call: str, **arguments: Any) -> str:
        """The JSON answer of a call that core knows by its name."""
        return await self._waiter.answer(self._native.ask(f"engine.{call}", arguments))

    async def receive_authority(self, *, method: str, url: str, headers: Headers, body: bytes) -> Receipt:
        """Takes what was posted to the URL that is set on the authority's dashboard; returns after the commit.

        Nobody can prove that it was the authority, so it is a hint: the document is then read at the authority. Give
        the URL a long random path, or set `authority["webhook_secret"]`; then a failed check is `status` 401 and stores
        nothing. On `StoreError` answer 5xx, so that the sender repeats.
        """
        pending = self._native.receive_authority(method, url, pairs(headers), body)
        return fill_text(Receipt, await self._waiter.answer(pending))

    async def check_authority(self, tenant_id: str) -> AuthorityCheck:
        """Asks the authority whether it is up, takes the seller's keys, and knows the business, service id, TIN and
        webhook of its settings. The last question makes the authority send a test notice.

        Raises `NotFound`. What is wrong at the authority is in the findings.
        """
        return fill_text(AuthorityCheck, await self._ask("check_authority", tenant=tenant_id))

    async def resubmit(self, id: str, *, tenant: str | None = None) -> None:
        """Sends a document on that stopped, from its stage with the same bytes; what is signed is never signed again.

        Raises `NotFound`, `StoreError` (`kind` is `conflict`) where the authority has accepted it.
        """
        await self._ask("resubmit", id=id, tenant=tenant)

    async def update_payment(
        self, id: str, status: Literal["PAID", "REJECTED"], *, reference: str | None = None, tenant: str | None = None
    ) -> Payment:
        """Notes that a document is paid, or that its buyer rejected it, and reports it once it is signed. Where a
        platform says that a sale is paid, the engine does this by itself. The same status again does nothing.

        Raises `NotFound`, `ConfigError` for another status, `StoreError` (`kind` is `conflict`) where another final
        status was reported.
        """
        return fill_text(
            Payment, await self._ask("update_payment", id=id, status=status, reference=reference, tenant=tenant)
        )

    async def payment(self, id: str, *, tenant: str | None = None) -> Payment | None:
        """The payment of a document as far as it was reported or is to be; None where there is nothing to report.

        Raises `NotFound`.
        """
        return _maybe(Payment, await self._ask("payment", id=id, tenant=tenant))

    async def transmission(self, id: str, *, tenant: str | None = None) -> Transmission | None:
        """How the sending of a document to its buyer goes; None before it was looked at. Raises `NotFound`."""
        return _maybe(Transmission, await self._ask("transmission", id=id, tenant=tenant))

    async def look_again(self, id: str, *, tenant: str | None = None) -> None:
        """Has a worker read a document's state at the authority, as after a notice. Raises `NotFound`."""
        await self._ask("look_again", id=id, tenant=tenant)

    async def notices(self, id: str, *, tenant: str | None = None) -> list[Notice]:
        """What was announced about a document, oldest first, whoever did. Raises `NotFound`."""
        return fill_list(Notice, await self._ask("notices", id=id, tenant=tenant))

    async def correct(
        self,
        id: str,
        how: Literal["credit_note_and_new_invoice", "credit_note_only"],
        *,
        reason: str,
        tenant: str | None = None,
    ) -> list[Document]:
        """Takes an accepted invoice back with a credit note and, where `how` says so, makes a new invoice of what the
        record says now. Gives the documents made, the credit note first; asked again, the same ones.

        Raises `NotFound`, `ConfigError` without a reason, `StoreError` (`kind` is `conflict`) where it cannot be.
        """
        return fill_list(Document, await self._ask("correct", id=id, how=how, reason=reason, tenant=tenant))

    async def debit_note(
        self,
        id: str,
        *,
        key: str,
        reason: str,
        lines: Iterable[dict[str, Any]] = (),
        amount: Decimal | str | None = None,
        tenant: str | None = None,
    ) -> Document:
        """Charges the buyer of an accepted invoice more: `lines` as in `Invoice.to_dict`, or an `amount` without tax
        where the invoice has one tax and one classification. The same `key` is the same debit note, however often it is
        asked for.

        Raises `PayloadError` naming the field, `ValidationError`, `NotFound`, `StoreError` (`kind` is `conflict`) where
        the document is no signed invoice, was taken back, or the key stands for another debit note.
        """
        charged = {"lines": list(lines), "amount": amount}
        answer = await self._ask("debit_note", id=id, key=key, reason=reason, tenant=tenant, **charged)
        return fill_text(Document, answer)

    async def forecast(self, *, tenant: str | None = None) -> Forecast:
        """How the waiting documents will fare at the present speed: who will miss a deadline. Raises `NotFound`."""
        return fill_text(Forecast, await self._ask("forecast", tenant=tenant))

    async def alarms(self, *, limit: int = 100) -> list[Alarm]:
        """Alarms about deadlines of all tenants, newest first. Workers raise them; `deadlines` of `open` says when."""
        return fill_list(Alarm, await self._ask("alarms", limit=limit))

    async def key_report(self) -> KeyReport:
        """Under which of the keys the stored credentials are. Reads all of them, changes none."""
        return fill_text(KeyReport, await self._ask("key_report"))

    async def rotate_keys(self) -> KeyReport:
        """Seals every stored credential anew under the first key, while they are read and refreshed as ever. It can be
        stopped and called again. When `left` of the report is 0, the older keys may go.
        """
        return fill_text(KeyReport, await self._ask("rotate_keys"))

    async def code_lists(self, tenant_id: str) -> list[CodeList]:
        """The authority's code lists in force for a seller. Raises `NotFound`."""
        return fill_list(CodeList, await self._ask("code_lists", tenant=tenant_id))

    async def refresh_lists(self, tenant_id: str) -> list[RefreshedList]:
        """Reads every code list from the authority with the seller's keys. One that cannot be used leaves the list
        before it in force, and says why.

        Raises `NotFound`, `ConfigError` without an authority or keys, `Unauthenticated`.
        """
        return fill_list(RefreshedList, await self._ask("refresh_lists", tenant=tenant_id))

    async def import_catalogue(
        self, tenant_id: str, csv: bytes | str, *, partial: bool = False, replace: bool = False
    ) -> ImportReport:
        """Imports a seller's catalogue from CSV. A file with a wrong row changes nothing, unless `partial` is asked;
        `replace` removes entries that the file does not name. Sales that waited for an entry move on.

        Raises `NotFound`. What is wrong with the file is in the report.
        """
        data = csv.encode() if isinstance(csv, str) else bytes(csv)
        pending = self._native.import_catalogue(tenant_id, data, partial, replace)
        return fill_text(ImportReport, await self._waiter.answer(pending))

    async def export_catalogue(self, tenant_id: str) -> str:
        """A seller's catalogue as CSV, which imports again as it is. Raises `NotFound`."""
        csv: str = json.loads(await self._ask("export_catalogue", tenant=tenant_id))
        return csv

    async def unclassified(self, tenant_id: str) -> list[UnclassifiedItem]:
        """Items that nothing classifies, those that most sales wait for first. Raises `NotFound`."""
        return fill_list(UnclassifiedItem, await self._ask("unclassified", tenant=tenant_id))

    async def classify(self, tenant_id: str, item: str, classification: dict[str, str]) -> Classified:
        """Answers for an item (`UnclassifiedItem.key`) with `hsn_code` and `product_category`, or `isic_code` and
        `service_category`. The answer goes into the catalogue, and every sale that waited for it moves on.

        Raises `NotFound`, `PayloadError` naming the field.
        """
        answer = await self._ask("classify", tenant=tenant_id, item=item, classification=classification)
        return fill_text(Classified, answer)

    async def pull_inbound(
        self, tenant_id: str, *, from_date: date | None = None, to_date: date | None = None
    ) -> InboundReport:
        """Lists what others sent to a seller and queues what is new: without days, from 31 days before the last listing
        until today. Workers then download, check and acknowledge by `policy.inbound`.

        Raises `NotFound`, `ConfigError` without an authority or keys, `PlatformError` as the authority answers.
        """
        days = {"from_date": _day(from_date), "to_date": _day(to_date)}
        return fill_text(InboundReport, await self._ask("pull_inbound", tenant=tenant_id, **days))

    async def announce_inbound(self, irn: str, *, tenant: str | None = None) -> str | None:
        """Has workers look for a received document that the host heard of; gives its id, None where it is a tenant's
        own or nobody can look. An operator's move: with `tenant` the caller vouches that the document is that tenant's.

        Raises `PayloadError` for what cannot be an IRN, `NotFound` for the tenant.
        """
        id: str | None = json.loads(await self._ask("announce_inbound", irn=irn, tenant=tenant))
        return id

    async def inbound(
        self,
        *,
        state: Literal["announced", "downloaded", "checked", "acknowledged", "held", "unreadable", "refused"]
        | None = None,
        faulty: bool = False,
        tenant: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Inbound]:
        """Received documents, newest first, without their content; `faulty`: those something speaks against."""
        filter = {"state": state, "faulty": faulty, "tenant": tenant, "cursor": cursor, "limit": limit}
        return page(Inbound, await self._ask("inbound", **filter))

    async def inbound_document(self, id: str, *, tenant: str | None = None) -> Inbound:
        """One received document with its content. Raises `NotFound`."""
        return fill_text(Inbound, await self._ask("inbound_document", id=id, tenant=tenant))

    async def inbound_audit(self, id: str, *, tenant: str | None = None) -> list[AuditEntry]:
        """What happened to a received document, oldest first. Raises `NotFound`."""
        return fill_list(AuditEntry, await self._ask("inbound_audit", id=id, tenant=tenant))

    async def acknowledge_inbound(self, id: str, *, tenant: str | None = None) -> None:
        """Has a worker tell the authority that a document arrived and was taken: a person has looked.

        Raises `NotFound`, `StoreError` (`kind` is `conflict`) where nothing was downloaded or a worker has it.
        """
        await self._ask("acknowledge_inbound", id=id, tenant=tenant)

    async def retry_inbound(self, id: str, *, tenant: str | None = None) -> None:
        """Has a worker download and check a received document anew.

        Raises `NotFound`, `StoreError` (`kind` is `conflict`) where it was acknowledged or a worker has it.
        """
        await self._ask("retry_inbound", id=id, tenant=tenant)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _maybe(kind: type[T], text: str) -> T | None:
    return None if text == "null" else fill_text(kind, text)
