"""The kinds of request as data (`kinds.toml`): which clauses govern each and the policy's own way to make it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "kinds.toml"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request. `clauses` best first; `law` is an article of 個人情報保護法."""

    name: str
    clauses: tuple[str, ...]
    own_way: str
    law: str

    @property
    def intent(self) -> str:
        """The intent that opens it in the conversation."""
        return self.name if self.name == "complaint" else f"exercise_{self.name}"


@lru_cache(maxsize=1)
def list_kinds() -> dict[str, Kind]:
    """All kinds by name, in the policy's order."""
    rows = tomllib.loads(_FILE.read_text("utf-8"))
    return {name: Kind(name, tuple(row["clauses"]), row["own_way"], row["law"]) for name, row in rows.items()}


def find_kind_by_intent(intent: str) -> Kind | None:
    """The kind an intent opens, or None."""
    return next((kind for kind in list_kinds().values() if kind.intent == intent), None)


def find_kind_by_clause(clause_id: str) -> Kind | None:
    """The kind whose first governing clause this is (or whose refusal ground), or None."""
    for kind in list_kinds().values():
        if clause_id == kind.clauses[0] or clause_id.startswith(f"{kind.clauses[0]}."):
            return kind
    return None
