"""What is computed of a text once and used twice in one turn, and forgotten with it.

Nothing is remembered outside a `remembering` block: what somebody typed is kept for nobody's speed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_MEMO: ContextVar[dict[Any, Any] | None] = ContextVar("memo", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Remember the results of `remembered` functions until the block ends; a block within another is the outer one."""
    if _MEMO.get() is not None:
        yield
        return
    token = _MEMO.set({})
    try:
        yield
    finally:
        _MEMO.reset(token)


def remembered(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """A function of hashable arguments, called once for each in a `remembering` block. Its results are not changed."""

    @wraps(function)
    def call(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        memo = _MEMO.get()
        if memo is None:
            return function(*arguments, **named)
        key = (function, arguments, tuple(sorted(named.items())))
        if key not in memo:
            memo[key] = function(*arguments, **named)
        return cast(Result, memo[key])

    return call
