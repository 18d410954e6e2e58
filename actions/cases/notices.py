"""What the final notice of a request must speak of (`notices.toml`), for the officer to check a letter against."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from actions.cases.kinds import list_kinds

_FILE = Path(__file__).parent / "notices.toml"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to say. `law` is "article-paragraph" or ""; `outcomes` of an item that call for it; `text` by language.

    `certain` is false where nobody has seen the article's text yet.
    """

    key: str
    law: str
    outcomes: tuple[str, ...]
    text: dict[str, str]
    certain: bool


@lru_cache(maxsize=1)
def _load() -> dict[str, Notice]:
    rows = tomllib.loads(_FILE.read_text("utf-8"))["notices"]
    return {
        key: Notice(key, row["law"], tuple(row["outcomes"]), row["text"], row.get("certain", True))
        for key, row in rows.items()
    }


def get_notice(key: str) -> Notice:
    """What a key of `Kind.notice` stands for. Raises KeyError for an unknown key."""
    return _load()[key]


def list_notices(kind: str, outcome: str) -> tuple[Notice, ...]:
    """What the notice of a kind must say for an outcome, in order. Raises KeyError for an unknown kind."""
    return tuple(notice for key in list_kinds()[kind].notice if outcome in (notice := get_notice(key)).outcomes)
