"""UBL 2.1: read a document, list the rules it breaks, and say what a rule wants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from . import _taxpoynt
from .errors import Fault
from .invoice import Invoice

__all__ = ["Explanation", "Fault", "explain", "parse", "rule_ids", "rulesets", "validate"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a rule is about."""

    id: str
    """Permanent id: `BR-CO-17`."""
    ruleset: str
    """`ubl21`, `en16931`, `peppol`, `nigeria`."""
    severity: Literal["fatal", "warning"]
    concerns: str
    """The element the rule looks at."""
    wants: str
    """What satisfies it, in words."""


def parse(xml: bytes) -> Invoice:
    """Reads an Invoice or CreditNote. Raises `PayloadError` with the path of what is missing or malformed."""
    return Invoice(_taxpoynt.parse_ubl(xml))


def validate(xml: bytes, rulesets: Iterable[str] = ("ubl21", "en16931", "peppol")) -> list[Fault]:
    """The rules a document breaks, none for a valid one; `"nigeria"` is asked by name. Rule sets are judged
    independently: a partial document, or one of a wrong structure, still gets the ids of the others. Other threads run
    meanwhile.

    Raises `PayloadError` for what is no XML, `ConfigError` for a rule set this build does not have: it lists them.
    """
    names = [rulesets] if isinstance(rulesets, str) else list(rulesets)
    return [Fault(id, severity, ruleset, path, message) for id, severity, ruleset, path, message in
            _taxpoynt.validate(xml, names)]


def rulesets() -> list[str]:
    """The rule sets of this build."""
    return _taxpoynt.rulesets()


def rule_ids(ruleset: str) -> list[str]:
    """The ids of the rules of a set, sorted. Raises `ConfigError` for one this build does not have: it lists them."""
    return _taxpoynt.rule_ids(ruleset)


def explain(id: str) -> Explanation | None:
    """What the rule of an id wants, `explain("BR-CO-16")`; None where no rule set has that id."""
    row = _taxpoynt.explain(id)
    return None if row is None else Explanation(*row)
