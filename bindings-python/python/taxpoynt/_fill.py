"""Fills the dataclasses of the public surface from the JSON of the native module, by their annotations."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import json
import types
import typing
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from .errors import PayloadError

T = TypeVar("T")


def fill(kind: type[T], data: dict[str, Any]) -> T:
    """A `kind` from the members of `data`; a missing member keeps the field's default."""
    return kind(**{name: read(data[name]) for name, read in _plan(kind) if name in data})


def fill_text(kind: type[T], text: str) -> T:
    """A `kind` from JSON text."""
    return fill(kind, json.loads(text))


def fill_list(kind: type[T], text: str) -> list[T]:
    """A list of `kind` from JSON text."""
    return [fill(kind, item) for item in json.loads(text)]


_Plan = list[tuple[str, Callable[[Any], Any]]]
_plans: dict[type[Any], _Plan] = {}


def _plan(kind: type[Any]) -> _Plan:
    plan = _plans.get(kind)
    if plan is None:
        plan = [(name, _reader(hint)) for name, hint in typing.get_type_hints(kind).items()]
        _plans[kind] = plan
    return plan


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        message = f"{text} is not a date that Python can hold, which are those of the years 1 to 9999"
        raise PayloadError(message, kind="payload", operation="invoice.read") from None


_SCALARS: dict[Any, Callable[[Any], Any]] = {
    Decimal: Decimal,
    datetime.date: _date,
    datetime.time: datetime.time.fromisoformat,
    datetime.datetime: datetime.datetime.fromisoformat,
}


def _reader(hint: Any) -> Callable[[Any], Any]:
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        some = _reader(next(a for a in arguments if a is not type(None)))
        return lambda value: None if value is None else some(value)
    if typing.get_origin(hint) is list:
        item = _reader(arguments[0])
        return lambda value: [item(one) for one in value]
    if typing.get_origin(hint) is dict:
        member = _reader(arguments[1])
        return lambda value: {name: member(one) for name, one in value.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return functools.partial(fill, hint)
    return _SCALARS.get(hint, lambda value: value)
