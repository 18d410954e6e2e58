"""Where a person can turn outside the shop, as data (`routes.toml`): told in every refusal, dated."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "routes.toml"


@dataclass(frozen=True, slots=True)
class Route:
    """One outside office. `name`, `hours` and `about` by language; `checked` is the day its data were looked up."""

    code: str
    phone: str
    url: str
    name: dict[str, str]
    hours: dict[str, str]
    about: dict[str, str]
    checked: date


@lru_cache(maxsize=1)
def list_routes() -> tuple[Route, ...]:
    """The outside offices, the nearest to the matter first."""
    data = _load()
    return tuple(Route(code=code, checked=data["checked"], **row) for code, row in data["routes"].items())


def describe_routes(language: str) -> str:
    """A few plain lines for the end of a refusal. Raises KeyError for an unknown language."""
    lines, checked = _load()["lines"][language], _load()["checked"]
    told = [
        lines["route"].format(
            name=route.name[language], phone=route.phone, hours=route.hours[language], about=route.about[language]
        )
        for route in list_routes()
    ]
    dated = lines["checked"].format(year=checked.year, month=checked.month, day=checked.day)
    return "\n".join([lines["start"], *told, dated])


@lru_cache(maxsize=1)
def _load() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))
