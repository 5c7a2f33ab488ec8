"""The engine's calls about pulls; `Engine` has them all."""

from __future__ import annotations

import json
from datetime import date, datetime

from ._fill import fill_list, fill_text
from ._time import utc
from ._webhooks import WebhookCalls
from .sync import Backfill, Reconciliation, SyncHealth


class SyncCalls(WebhookCalls):
    """Imports, schedules and counted days."""

    __slots__ = ()

    async def backfill(
        self, connection_id: str, *, since: datetime, until: datetime | None = None, tenant: str | None = None
    ) -> str:
        """Imports what changed since `since` (aware) in the slow lane: workers read it a page at a time, live sales go
        first, and one that stopped goes on where it stopped. Where one is under way already, that one is meant; it
        begins anew where this one reaches further back. Gives its id for `backfill_progress`.

        Raises `NotFound`, `StoreError` (`kind` is `conflict`) where one is read at this moment, or paused.
        """
        between = {
            "since": utc(since, "engine.backfill", "since"),
            "until": utc(until, "engine.backfill", "until"),
        }
        id: str = json.loads(await self._ask("backfill", id=connection_id, tenant=tenant, **between))
        return id

    async def backfills(self, connection_id: str, *, tenant: str | None = None) -> list[Backfill]:
        """The imports of a connection, newest first. Raises `NotFound`."""
        return fill_list(Backfill, await self._ask("backfills", id=connection_id, tenant=tenant))

    async def backfill_progress(self, id: str, *, tenant: str | None = None) -> Backfill:
        """How far an import got, how fast it is, and when it will be done. Raises `NotFound`."""
        return fill_text(Backfill, await self._ask("backfill_progress", id=id, tenant=tenant))

    async def pause_backfill(self, id: str, *, tenant: str | None = None) -> None:
        """Stops an import until it is resumed. Raises `NotFound`, `StoreError` (`kind` is `conflict`) once it ended."""
        await self._ask("pause_backfill", id=id, tenant=tenant)

    async def resume_backfill(self, id: str, *, tenant: str | None = None) -> None:
        """Goes on with an import that was paused or waits for another attempt.

        Raises `NotFound`, `StoreError` (`kind` is `conflict`) once it ended.
        """
        await self._ask("resume_backfill", id=id, tenant=tenant)

    async def cancel_backfill(self, id: str, *, tenant: str | None = None) -> None:
        """Stops an import for good; what was imported stays.

        Raises `NotFound`, `StoreError` (`kind` is `conflict`) once it ended.
        """
        await self._ask("cancel_backfill", id=id, tenant=tenant)

    async def sync_health(self, connection_id: str, *, tenant: str | None = None) -> SyncHealth:
        """How the pulls of a connection get on: when the next is due, what failed. Raises `NotFound`."""
        return fill_text(SyncHealth, await self._ask("sync_health", id=connection_id, tenant=tenant))

    async def set_sync_schedule(
        self, connection_id: str, seconds: int | None, *, tenant: str | None = None
    ) -> None:
        """Sets how often workers pull a connection: None as the engine is set, 0 never by itself. Raises `NotFound`."""
        await self._ask("set_sync_schedule", id=connection_id, tenant=tenant, seconds=seconds)

    async def reconcile(
        self, connection_id: str, day: date, *, fetch: bool = False, tenant: str | None = None
    ) -> Reconciliation:
        """Counts a day of the seller's calendar at the platform and here, and keeps what came of it. Workers do so every
        night. With `fetch`, every record on which both disagree is fetched; count again after that.

        Raises `NotFound`, `PlatformError` as the platform answers: its `kind` is `unsupported` where the platform cannot
        be counted.
        """
        told = {"day": day.isoformat(), "fetch": fetch}
        return fill_text(Reconciliation, await self._ask("reconcile", id=connection_id, tenant=tenant, **told))

    async def reconciliations(
        self, connection_id: str, *, unequal: bool = False, limit: int = 100, tenant: str | None = None
    ) -> list[Reconciliation]:
        """Counted days of a connection, newest first; `unequal`: only those that are not proved. Raises `NotFound`."""
        only = {"unequal": unequal, "limit": limit}
        return fill_list(Reconciliation, await self._ask("reconciliations", id=connection_id, tenant=tenant, **only))
