"""The course of a request as data (`workflow.toml`): states, outcomes, and the one table of transitions.

`(course, state, action)` has one transition or none; what has none is impossible, wherever it is asked for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from actions.cases.kinds import list_kinds

_FILE = Path(__file__).with_name("workflow.toml")
COURSES = ("rights", "hearing")
PARTIES = ("customer", "officer", "reviewer", "system")
CLOSED, HELD = "closed", "on_hold"


@dataclass(frozen=True, slots=True)
class State:
    """How far an item is. `waits_for` is who has to act; `letter` is sent when it is entered."""

    name: str
    waits_for: str
    paused: bool = False
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ends. `review`: a second person approves it; `ground`: it rests on one. `course` "" is both."""

    name: str
    leads_to: str
    course: str = ""
    review: bool = False
    ground: bool = False
    kinds: tuple[str, ...] = ()

    def suits(self, kind: str) -> bool:
        """Whether a request of this kind can end so by a decision."""
        return self.course == list_kinds()[kind].course and (not self.kinds or kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table, for one course and one state it starts from."""

    course: str
    origin: str
    action: str
    to: str
    by: tuple[str, ...]
    scope: str
    inputs: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    letter: str = ""

    def find_target(self, held_from: str, outcome: str) -> str:
        """The state it leads to, for an item that was held from a state and has an outcome."""
        if self.to == "same":
            return self.origin
        if self.to == "held":
            return held_from
        return list_outcomes()[outcome].leads_to if self.to == "outcome" else self.to


def list_states() -> dict[str, State]:
    """All states by name, in the order of the way."""
    return {name: State(name, **row) for name, row in _load()["states"].items()}


@lru_cache(maxsize=1)
def list_outcomes() -> dict[str, Outcome]:
    """All outcomes by name."""
    rows = _load()["outcomes"]
    return {name: Outcome(name, **{**row, "kinds": tuple(row.get("kinds", ()))}) for name, row in rows.items()}


@lru_cache(maxsize=1)
def list_transitions() -> dict[tuple[str, str, str], Transition]:
    """The whole table by (course, state, action). Raises: ValueError: two rows for one place."""
    table: dict[tuple[str, str, str], Transition] = {}
    for row in _load()["transitions"]:
        for one in _spread(row):
            place = (one.course, one.origin, one.action)
            if place in table:
                raise ValueError(f"two transitions for {place}")
            table[place] = one
    return table


def find_transition(course: str, state: str, action: str) -> Transition | None:
    """The transition, or None: then the action is impossible there."""
    return list_transitions().get((course, state, action))


@lru_cache(maxsize=1)
def list_actions() -> tuple[str, ...]:
    """The names of all actions, in the order of the file."""
    return tuple(dict.fromkeys(row["action"] for row in _load()["transitions"]))


def list_possible(course: str, state: str, parties: frozenset[str]) -> list[Transition]:
    """What these parties could do with an item in a state, guards aside, in the order of the file."""
    found = (find_transition(course, state, action) for action in list_actions())
    return [one for one in found if one and parties & set(one.by)]


def _spread(row: dict[str, Any]) -> Iterator[Transition]:
    states = list_states()
    named = {"open": [name for name in states if name != CLOSED], "any": list(states)}
    origins = [state for name in row["from"] for state in named.get(name, [name])]
    courses = (row["course"],) if "course" in row else COURSES
    lists = {name: tuple(row.get(name, ())) for name in ("by", "inputs", "guards", "effects")}
    for course in courses:
        for origin in origins:
            yield Transition(
                course, origin, row["action"], row["to"], scope=row["scope"], letter=row.get("letter", ""), **lists
            )


@lru_cache(maxsize=1)
def _load() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))
