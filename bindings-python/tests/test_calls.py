"""Every call that the engine knows by its name has a typed method, awaited and blocking, that makes it."""

import datetime
import inspect
import typing

import pytest
import taxpoynt
from taxpoynt import _taxpoynt, blocking, engine

CALLS = [name.removeprefix("engine.") for name in _taxpoynt.call_names()]


class Asked(Exception):
    """What a call would have said to the engine."""


class Native:
    """In the native engine's place: tells what it is asked."""

    def ask(self, name, arguments):
        raise Asked(name, arguments)


def any_value(hint):
    """Some value of a type, for an argument that must be given."""
    if typing.get_origin(hint) is typing.Literal:
        return typing.get_args(hint)[0]
    plain = {datetime.datetime: datetime.datetime.now(datetime.timezone.utc), datetime.date: datetime.date(2026, 11, 2)}
    return plain.get(hint, None if type(None) in typing.get_args(hint) else "x")


def test_there_are_calls_to_hold_the_methods_to():
    assert len(CALLS) > 50 and len(set(CALLS)) == len(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_has_a_typed_documented_method_that_makes_it(name):
    method = getattr(taxpoynt.Engine, name, None)
    assert method is not None, f"engine.{name} is reached only by its name: give it a method"
    assert method.__doc__ and getattr(blocking.Engine, name).__doc__ == method.__doc__
    hints = typing.get_type_hints(method, vars(engine) | vars(inspect.getmodule(method)))
    parameters = list(inspect.signature(method).parameters.values())[1:]
    assert hints.keys() == {"return", *(one.name for one in parameters)}, "an argument or the answer has no type"
    needed = [one for one in parameters if one.default is one.empty]
    by_place = [any_value(hints[one.name]) for one in needed if one.kind is one.POSITIONAL_OR_KEYWORD]
    by_name = {one.name: any_value(hints[one.name]) for one in needed if one.kind is one.KEYWORD_ONLY}
    told = blocking.Engine(taxpoynt.Engine(Native(), blocking._Blocking()))
    with pytest.raises(Asked) as asked:
        getattr(told, name)(*by_place, **by_name)
    assert asked.value.args[0] == f"engine.{name}"
