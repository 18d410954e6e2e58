"""What somebody could do with a case now, and what is known to stand in the way: the desk's forms are made of it.

Only a look ahead: whether an action is carried out is settled when it is asked for (`casework`), by the same table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from actions.cases.database import Database
from actions.cases.guards import Actor, Form, Rules, Situation, is_met
from actions.cases.kinds import list_kinds
from actions.cases.tables import CaseRow, ItemRow
from actions.cases.workflow import Transition, find_transition, list_actions

# Guards that no form has a say in; what the others find depends on what will be filled in.
FORESEEN = frozenset(
    {
        "documents_awaited",
        "level_reached",
        "authority_shown",
        "fee_published",
        "fee_accepted",
        "fee_not_open",
        "second_person",
        "reachable",
        "not_erased",
        "was_confirmed",
    }
)


@dataclass(frozen=True, slots=True)
class Prospect:
    """An action that the table knows here: for one item, or with `kind` "" for the whole case.

    `unmet` is the guard known not to be met, or ""; `possible_at` when time alone will have met it.
    """

    transition: Transition
    kind: str = ""
    unmet: str = ""
    possible_at: datetime | None = None


class Prospects:
    """Looks ahead at cases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_for(self, receipt: str, actor: Actor, rules: Rules, moment: datetime) -> list[Prospect]:
        """All that somebody could ask for, in the table's order; nothing for an unknown receipt."""
        with self._database.reading() as session:
            case = session.scalar(select(CaseRow).where(CaseRow.receipt == receipt))
            if case is None:
                return []
            return [one for action in list_actions() for one in _look_ahead(case, action, actor, rules, moment)]


def _look_ahead(case: CaseRow, action: str, actor: Actor, rules: Rules, moment: datetime) -> list[Prospect]:
    found = ((item, find_transition(list_kinds()[item.kind].course, item.state, action)) for item in case.items)
    moves = [(item, one) for item, one in found if one and actor.parties & set(one.by)]
    every = [
        Prospect(one, item.kind, unmet, _find_time(unmet, item, actor, rules))
        for item, one in moves
        for unmet in [_find_unmet(one, Situation(case, item, Form(), actor, rules, moment))]
    ]
    if not every or moves[0][1].scope == "item":
        return every
    # An action on the whole case moves the items that it can.
    best = next((one for one in every if not one.unmet), every[0])
    return [Prospect(best.transition, "", best.unmet, best.possible_at)]


def _find_unmet(transition: Transition, at: Situation) -> str:
    return next((guard for guard in transition.guards if guard in FORESEEN and not is_met(guard, at)), "")


def _find_time(unmet: str, item: ItemRow, actor: Actor, rules: Rules) -> datetime | None:
    """When a single officer may review the own proposal."""
    is_alone = rules.deciders <= {actor.name}
    if unmet != "second_person" or not rules.review_alone_hours or not is_alone or item.proposed_at is None:
        return None
    return item.proposed_at + timedelta(hours=rules.review_alone_hours)
