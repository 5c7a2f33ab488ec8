"""UBL 2.1: read a document, and list the rules it breaks."""

from __future__ import annotations

from collections.abc import Iterable

from . import _taxpoynt
from .errors import Fault
from .invoice import Invoice

__all__ = ["Fault", "parse", "rulesets", "validate"]


def parse(xml: bytes) -> Invoice:
    """Reads an Invoice or CreditNote. Raises `PayloadError` with the path of what is missing or malformed."""
    return Invoice(_taxpoynt.parse_ubl(xml))


def validate(xml: bytes, rulesets: Iterable[str] = ("en16931",)) -> list[Fault]:
    """The rules a document breaks; rule sets are judged independently, and a partial document still gets its ids.

    Raises `PayloadError` for what is no XML, `ConfigError` for a rule set this build does not have: it lists them.
    """
    names = [rulesets] if isinstance(rulesets, str) else list(rulesets)
    return [Fault(id, severity, ruleset, path, message) for id, severity, ruleset, path, message in
            _taxpoynt.validate(xml, names)]


def rulesets() -> list[str]:
    """The rule sets of this build."""
    return _taxpoynt.rulesets()
