"""The kinds of request as data (`kinds.toml`): clauses, the policy's own way, identity, fee, grounds and notice."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "kinds.toml"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request. `clauses` best first; `law` is an article of 個人情報保護法.

    `course` is "rights" or "hearing"; `level` the identity level needed, 1–3; `grounds` are codes of `grounds.toml`,
    `notice` keys of `notices.toml`. What a kind does not say is the strictest.
    """

    name: str
    clauses: tuple[str, ...]
    own_way: str
    law: str
    course: str = "rights"
    level: int = 3
    fee_allowed: bool = False
    grounds: tuple[str, ...] = ()
    notice: tuple[str, ...] = ()

    @property
    def intent(self) -> str:
        """The intent that opens it in the conversation."""
        return self.name if self.name == "complaint" else f"exercise_{self.name}"


@lru_cache(maxsize=1)
def list_kinds() -> dict[str, Kind]:
    """All kinds by name, in the policy's order."""
    rows = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        name: Kind(
            name=name,
            clauses=tuple(row["clauses"]),
            own_way=row["own_way"],
            law=row["law"],
            course=row["course"],
            level=row["level"],
            fee_allowed=row["fee_allowed"],
            grounds=tuple(row["grounds"]),
            notice=tuple(row["notice"]),
        )
        for name, row in rows.items()
    }


def find_kind_by_intent(intent: str) -> Kind | None:
    """The kind an intent opens, or None."""
    return next((kind for kind in list_kinds().values() if kind.intent == intent), None)


def find_kind_by_clause(clause_id: str) -> Kind | None:
    """The kind whose first governing clause this is (or whose refusal ground), or None."""
    for kind in list_kinds().values():
        if clause_id == kind.clauses[0] or clause_id.startswith(f"{kind.clauses[0]}."):
            return kind
    return None
