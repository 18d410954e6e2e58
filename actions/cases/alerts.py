"""Where the policy may be behind the law (確認候補), as data (`alerts.toml`): dated hints for the officer."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from actions.cases.kinds import list_kinds

_FILE = Path(__file__).parent / "alerts.toml"


@dataclass(frozen=True, slots=True)
class Alert:
    """One point to look at. `title`, `about` (what differs) and `desk` (what the desk does) by language.

    `law` is "article-paragraph-item" or ""; `kinds` those whose cases it concerns, none for the policy alone. `certain`
    is false where a person must still check the law's text.
    """

    code: str
    clauses: tuple[str, ...]
    law: str
    kinds: tuple[str, ...]
    title: dict[str, str]
    about: dict[str, str]
    desk: dict[str, str]
    certain: bool
    checked: date


@lru_cache(maxsize=1)
def list_alerts() -> tuple[Alert, ...]:
    """All alerts, A1 to A17."""
    data = tomllib.loads(_FILE.read_text("utf-8"))
    return tuple(
        Alert(
            code=code,
            clauses=tuple(row["clauses"]),
            law=row["law"],
            kinds=tuple(row["kinds"]),
            title=row["title"],
            about=row["about"],
            desk=row["desk"],
            certain=row.get("certain", True),
            checked=data["checked"],
        )
        for code, row in data["alerts"].items()
    )


def list_alerts_for(kind: str) -> tuple[Alert, ...]:
    """The alerts that the case page of a kind shows. Raises KeyError for an unknown kind."""
    name = list_kinds()[kind].name
    return tuple(alert for alert in list_alerts() if name in alert.kinds)
