"""Who may do what, as data (`permissions.toml`): rights by role, and as which parties of the workflow a role acts."""

from __future__ import annotations

import tomllib
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("permissions.toml")


class Right(str, Enum):
    """A right, `noun:verb`, in alphabetical order."""

    READ_ACCOUNTS = "accounts:read"
    READ_ALERTS = "alerts:read"
    READ_AUDIT = "audit:read"
    ENTER_CASES = "cases:enter"
    EXPORT_CASES = "cases:export"
    READ_CASES = "cases:read"
    REVIEW_CASES = "cases:review"
    WORK_CASES = "cases:work"
    READ_CLAUSES = "clauses:read"
    REVIEW_QUESTIONS = "questions:review"


@lru_cache(maxsize=1)
def list_roles() -> tuple[str, ...]:
    """All roles."""
    return tuple(_load())


def has_right(role: str, right: Right) -> bool:
    """Whether a role has a right; an unknown role has none."""
    return right.value in _load().get(role, {"rights": ()})["rights"]


def list_parties(role: str) -> frozenset[str]:
    """As which parties of the workflow a role acts."""
    return frozenset(_load().get(role, {"parties": ()})["parties"])


@lru_cache(maxsize=1)
def _load() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))
