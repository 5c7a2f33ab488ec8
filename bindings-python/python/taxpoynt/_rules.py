"""The engine's calls about mapping rules; `Engine` has them all."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from ._fill import fill_list, fill_text
from ._sync import SyncCalls
from ._time import utc
from .rules import Preview, RuleFile, RuleVersion


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
        connection: str | None = None,
        since: datetime | None = None,
    ) -> Preview:
        """Drafts every stored sale under the rules in force and under `rules`, in place of the tenant's own (with
        `connection`: of that connection's own, and only its sales), or under other `settings` of the tenant; says what
        would differ. Nothing is stored, nothing is sent. `since` (aware): sales received since.

        Raises `MappingError` with line and column, `ConfigError` naming the setting, `NotFound`.
        """
        received = utc(since, "engine.dry_run", "since")
        told = {"text": rules, "settings": settings, "connection": connection, "since": received}
        return fill_text(Preview, await self._ask("dry_run", tenant=tenant_id, **told))
