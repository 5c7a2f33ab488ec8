"""The engine's calls for operators; `Engine` has them all."""

from __future__ import annotations

import json
from typing import Literal

from ._authority import AuthorityCalls
from ._fill import fill_list, fill_text
from .operations import Health, SwitchEntry, SwitchName, SwitchSetting


class OperationsCalls(AuthorityCalls):
    """Metrics, health and switches."""

    __slots__ = ()

    async def metrics(self) -> str:
        """The engine's metrics as OpenMetrics text, for Prometheus: serve it as
        `application/openmetrics-text; version=1.0.0; charset=utf-8`."""
        text: str = json.loads(await self._ask("metrics"))
        return text

    async def health(self) -> Health:
        """How well the engine is, one sentence a thing. Never raises: what cannot be looked at is failing."""
        return fill_text(Health, await self._ask("health"))

    async def switch(
        self,
        switch: SwitchName,
        *,
        percent: int | None,
        who: str,
        reason: str,
        spread: Literal["record", "tenant"] = "record",
        tenant: str | None = None,
        platform: str | None = None,
    ) -> int:
        """Switches a feature off (0), on (100), or on for a percentage; None takes the setting away. What is off is not
        lost: it is stored, waits with the code `switched_off`, and goes on when it is switched on. Gives how many jobs
        were made due.

        Raises `ConfigError` naming the field, `NotFound` for the tenant.
        """
        scope = {"tenant": tenant, "platform": platform}
        answer = await self._ask(
            "switch", switch=switch, percent=percent, spread=spread, who=who, reason=reason, **scope
        )
        released: int = json.loads(answer)["released"]
        return released

    async def switches(self, *, tenant: str | None = None) -> list[SwitchSetting]:
        """The switches that are set; of a tenant: its own and those for all."""
        return fill_list(SwitchSetting, await self._ask("switches", tenant=tenant))

    async def switch_log(self, *, tenant: str | None = None, limit: int = 100) -> list[SwitchEntry]:
        """Who changed which switch, when and why, newest first."""
        return fill_list(SwitchEntry, await self._ask("switch_log", tenant=tenant, limit=limit))
