"""Grounds on which a request may be declined (`grounds.toml`): the law's, and whether the policy names them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from actions.cases.kinds import list_kinds

_FILE = Path(__file__).parent / "grounds.toml"


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground. `law` is "article-paragraph-item"; `clause` the policy's own, or ""; `text` by language.

    `certain` is false where a person must still check the law's text.
    """

    code: str
    kinds: tuple[str, ...]
    law: str
    clause: str
    text: dict[str, str]
    certain: bool

    @property
    def in_policy(self) -> bool:
        """Whether the policy's own list names it. A refusal on any other is warned of."""
        return bool(self.clause)


@lru_cache(maxsize=1)
def _load() -> dict[str, Ground]:
    rows = tomllib.loads(_FILE.read_text("utf-8"))["grounds"]
    return {
        code: Ground(code, tuple(row["kinds"]), row["law"], row["clause"], row["text"], row.get("certain", True))
        for code, row in rows.items()
    }


def get_ground(code: str) -> Ground:
    """The ground of a code. Raises KeyError for an unknown one."""
    return _load()[code]


def list_grounds(kind: str) -> tuple[Ground, ...]:
    """The grounds on which a kind may be declined, the law's order. Raises KeyError for an unknown kind."""
    return tuple(get_ground(code) for code in list_kinds()[kind].grounds)
