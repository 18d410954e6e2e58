"""Where a request stands, as its status page shows it: steps, dates, and what the person can do about each item.

Nothing of a decision shows before the person has been told of it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from actions.cases.clocks import MINUTES_A_DAY, find_legal_date
from actions.cases.guards import CUSTOMER
from actions.cases.kinds import list_kinds
from actions.cases.records import Case, Item
from actions.cases.workflow import CLOSED, HELD, list_possible, list_states
from actions.hours import TOKYO

_FILE = Path(__file__).with_name("progress.toml")
TOLD = ("notifying", CLOSED)  # states in which the person has the notice, or is about to
SUABLE = ("33", "34", "35")  # articles whose requests Art. 39(1) speaks of
BY_HERSELF = ("chat", "form")  # channels whose mail address is to be confirmed


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the way; `place` is "done", "now" or "ahead"."""

    name: str
    place: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """One right asked for, as the person sees it.

    `about` is the key of the sentence on what is waited for; `target` the promised day, or `days_left` business days
    while the clock stands still; `legal` the day on which the two weeks of Art. 39 are over, where they count.
    `awaits_answer`: a question about it is open. `actions` are what the person can do with it.
    """

    kind: str
    state: str
    outcome: str
    about: str
    steps: tuple[Step, ...]
    target: date | None
    days_left: int
    legal: date | None
    closed_at: datetime | None
    fee_yen: int | None
    fee_accepted: bool
    awaits_answer: bool
    actions: frozenset[str]


def draw_items(case: Case) -> tuple[ItemView, ...]:
    """All items of a case, in their order."""
    return tuple(_draw(case, item) for item in case.items)


def _draw(case: Case, item: Item) -> ItemView:
    kind, accepted = list_kinds()[item.kind], item.fee_accepted_at is not None
    possible = {one.action for one in list_possible(kind.course, item.state, CUSTOMER.parties)}
    if accepted:
        possible -= {"accept_fee", "decline_fee"}  # who changes their mind now withdraws
    is_closed, is_held = item.state == CLOSED, item.state == HELD
    awaits_documents = is_held and item.held_from == "id_check"
    about = "fee_agreed" if item.state == "fee_wait" and accepted else item.state
    return ItemView(
        kind=item.kind,
        state=item.state,
        outcome=item.outcome if item.state in TOLD else "",
        about="documents" if awaits_documents else about,
        steps=() if is_closed else _list_steps(case, item, kind.course),
        target=item.target_at.astimezone(TOKYO).date() if item.target_at and not is_closed else None,
        days_left=0 if is_closed else -(-(item.remaining_minutes or 0) // MINUTES_A_DAY),
        legal=find_legal_date(case.arrived_at) if kind.law in SUABLE and not is_closed else None,
        closed_at=item.closed_at,
        fee_yen=item.fee_yen if item.state == "fee_wait" else None,
        fee_accepted=accepted,
        awaits_answer=is_held and not awaits_documents,
        actions=frozenset(possible),
    )


def _list_steps(case: Case, item: Item, course: str) -> tuple[Step, ...]:
    steps, stands_at = _load()
    state = item.held_from if item.state == HELD else item.state
    here = stands_at.get(state, state)
    names = [name for name in steps[course] if name != "mail_unverified" or case.channel in BY_HERSELF]
    order = list(list_states())
    # A state that is none of the course's own stands on the step before it.
    place = max(number for number, name in enumerate(names) if not number or order.index(name) <= order.index(here))
    return tuple(
        Step(name, "done" if number < place else "now" if number == place else "ahead")
        for number, name in enumerate(names)
    )


@lru_cache(maxsize=1)
def _load() -> tuple[dict[str, list[str]], dict[str, str]]:
    table = tomllib.loads(_FILE.read_text("utf-8"))
    return table["steps"], table["at"]
