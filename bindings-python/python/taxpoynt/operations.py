"""What the engine answers an operator: its health, and its feature switches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

__all__ = ["Health", "HealthCheck", "Rollout", "SwitchEntry", "SwitchName", "SwitchSetting"]

SwitchName = Literal["webhooks.process", "sync", "ingest.prepare", "submit"]
"""What can be switched; docs/operations/switches.md says what each one keeps back."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One thing that was looked at."""

    name: str
    """`store`, `queue`, `oldest_job`, `breakers`, `connections`, `syncs`, `dead_letters`, `deadlines`, `switches`."""
    state: Literal["ok", "warning", "failing"]
    sentence: str
    """What is, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Health:
    """How well the engine is."""

    state: Literal["ok", "warning", "failing"]
    """The worst of the checks."""
    checks: list[HealthCheck]


@dataclass(frozen=True, slots=True)
class Rollout:
    """How much goes on."""

    percent: int
    """0 to 100."""
    spread: Literal["record", "tenant"]
    """Whether each sale is drawn by itself, or a tenant with all it sells."""


@dataclass(frozen=True, slots=True)
class SwitchSetting:
    """A switch as it is set."""

    switch: SwitchName
    tenant: str | None
    """For this tenant; None: for all."""
    platform: str | None
    """For this platform; None: for all."""
    percent: int
    spread: Literal["record", "tenant"]
    set_by: str
    reason: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class SwitchEntry:
    """A change of a switch."""

    seq: int
    """Its place among all changes, from 1."""
    at: datetime
    switch: SwitchName
    tenant: str | None
    platform: str | None
    before: Rollout | None
    """What was set there; None: nothing."""
    after: Rollout | None
    who: str
    reason: str
