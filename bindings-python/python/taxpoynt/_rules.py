"""The engine's calls about mapping rules; `Engine` has them all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from ._fill import fill_list, fill_text
from ._sync import SyncCalls
from ._time import utc
from .errors import PayloadError
from .rows import Page, page
from .rules import (
    Approval,
    Foreseen,
    Preview,
    RuleFile,
    RuleVersion,
    Table,
    TableReport,
    TableVersion,
)


class RuleCalls(SyncCalls):
    """Rule files of a tenant and of its connections, and what others would change."""

    __slots__ = ()

    async def set_rules(
        self, tenant_id: str, text: str | None, *, connection: str | None = None, reason: str | None = None
    ) -> bool:
        """Puts a rule file in force for a tenant's sales, or for those of one connection; None takes the rules of this
        layer away. Every version is kept. Sales that are held or were refused are looked at again; what was sent stays.
        Gives whether anything changed. `dry_run` shows beforehand what would.

        Raises `MappingError` with line and column, `NotFound`.
        """
        told = {"text": text, "connection": connection, "reason": reason}
        changed: bool = json.loads(await self._ask("set_rules", tenant=tenant_id, **told))
        return changed

    async def rules_in_force(self, tenant_id: str, *, connection: str | None = None) -> list[RuleFile]:
        """The rule files in force, lowest first: the tenant's, then the connection's. Raises `NotFound`."""
        return fill_list(RuleFile, await self._ask("rules_in_force", tenant=tenant_id, connection=connection))

    async def rule_history(self, tenant_id: str) -> list[RuleVersion]:
        """What a tenant's rules were, newest first. Raises `NotFound`."""
        return fill_list(RuleVersion, await self._ask("rule_history", tenant=tenant_id))

    async def rule_text(self, tenant_id: str, hash: str) -> str:
        """A rule file that is or was in force, by its hash or what an explanation names, `rules@1f3a…`.

        Raises `NotFound`.
        """
        text: str = json.loads(await self._ask("rule_text", tenant=tenant_id, hash=hash))
        return text

    async def dry_run(
        self,
        tenant_id: str,
        rules: str | None = None,
        *,
        settings: dict[str, Any] | None = None,
        tables: Mapping[str, str | None] | None = None,
        connection: str | None = None,
        since: datetime | None = None,
    ) -> Preview:
        """Drafts every stored sale under the rules in force and under `rules`, in place of the tenant's own (with
        `connection`: of that connection's own, and only its sales), or under other `settings` of the tenant, or
        with other lookup `tables` (CSV by name; None for no such table); says what would differ. Nothing is stored,
        nothing is sent. `since` (aware): sales received since.

        Raises `MappingError` with line and column, `ConfigError` naming the setting, `NotFound`.
        """
        received = utc(since, "engine.dry_run", "since")
        told = {"text": rules, "settings": settings, "connection": connection, "since": received}
        told["tables"] = dict(tables or {})
        return fill_text(Preview, await self._ask("dry_run", tenant=tenant_id, **told))

    async def preview(
        self, connection_id: str, record_id: str, *, tenant: str | None = None
    ) -> list[Foreseen]:
        """What a stored deal or sale, by the platform's id, would become under the rules in force: a document, a draft for a
        person to approve, or one that is held. Nothing is stored. Raises `NotFound`, `PayloadError`, `MappingError`.
        """
        told = {"connection": connection_id, "record": record_id, "tenant": tenant}
        return fill_list(Foreseen, await self._ask("preview", **told))

    async def approvals(
        self,
        *,
        state: Literal["waiting", "approved", "refused", "outdated"] | None = None,
        tenant: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Approval]:
        """Drafts that a person approves before they are sent, newest first, with what was decided about them."""
        return page(Approval, await self._ask("approvals", state=state, tenant=tenant, cursor=cursor, limit=limit))

    async def approve(self, id: str, *, by: str, note: str | None = None, tenant: str | None = None) -> Approval:
        """Approves a draft: what it says is sent. Where the record says something else before that, it asks again.

        Raises `ConfigError` where nobody says who, `TaxpoyntError` of kind `conflict` where it was refused or the record
        says something else by now, `NotFound`.
        """
        return fill_text(Approval, await self._ask("approve", id=id, by=by, note=note, tenant=tenant))

    async def refuse(self, id: str, *, by: str, note: str | None = None, tenant: str | None = None) -> Approval:
        """Refuses a draft: its record is held as `approval_refused` until it says something else. Raises as `approve`."""
        return fill_text(Approval, await self._ask("refuse", id=id, by=by, note=note, tenant=tenant))

    async def set_table(
        self, tenant_id: str, name: str, csv: str | bytes | None, *, reason: str | None = None
    ) -> TableReport:
        """Puts a lookup table in force, from CSV (bytes: UTF-8); None takes it away. What is wrong with the file is in the
        report, and then nothing changes. Sales that are held or were refused are looked at again.

        Raises `MappingError` with line and column where rules in force look up what it would no longer have,
        `ConfigError` for a name that is none, `PayloadError` for bytes that are not UTF-8, `NotFound`.
        """
        told = {"name": name, "csv": _text(csv), "reason": reason}
        return fill_text(TableReport, await self._ask("set_table", tenant=tenant_id, **told))

    async def tables_in_force(self, tenant_id: str) -> list[Table]:
        """The lookup tables in force, by name. Raises `NotFound`."""
        return fill_list(Table, await self._ask("tables_in_force", tenant=tenant_id))

    async def table_history(self, tenant_id: str) -> list[TableVersion]:
        """What a tenant's tables were, newest first. Raises `NotFound`."""
        return fill_list(TableVersion, await self._ask("table_history", tenant=tenant_id))

    async def table_text(self, tenant_id: str, hash: str) -> str:
        """A table's file that is or was in force, by its hash or what an explanation names, `customer_tins@1f3a…`.

        Raises `NotFound`.
        """
        text: str = json.loads(await self._ask("table_text", tenant=tenant_id, hash=hash))
        return text


def _text(csv: str | bytes | None) -> str | None:
    if not isinstance(csv, bytes):
        return csv
    if csv[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return csv.decode("utf-16", errors="replace")
    try:
        return csv.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = str(csv.count(b"\n", 0, error.start) + 1)
        column = str(error.start - csv.rfind(b"\n", 0, error.start))
        message = f"line {line}, byte {column}: this is not UTF-8 text; save the file as \"CSV UTF-8\" from the spreadsheet"
        context = {"field": "csv", "line": line, "column": column}
        raise PayloadError(message, kind="payload", operation="engine.set_table", context=context) from None
