"""The one way a case moves: action, transition, guards, effects, clocks, audit and letters, all together.

Nothing here opens a transaction: the caller's holds all of it, so that a state, its audit entry and its letter exist
together or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from actions.cases.audit import Audit, Entry
from actions.cases.clocks import summarise, turn
from actions.cases.correspondence import Correspondence
from actions.cases.crypto import Sealer
from actions.cases.effects import EFFECTS
from actions.cases.guards import Actor, Form, Rules, Situation, is_met, rests_on_ground
from actions.cases.identity import Identity
from actions.cases.kinds import list_kinds
from actions.cases.reconciliation import digest
from actions.cases.sealed import OpenCase
from actions.cases.settlements import SETTLEMENTS
from actions.cases.tables import CaseRow, ItemRow
from actions.cases.work import Work
from actions.cases.workflow import HELD, Transition, find_transition, list_states
from actions.errors import ConditionError, ImpossibleActionError, NotPermittedError


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants done: an action by an actor with a form; `kind` is one item, "" all that can."""

    action: str
    actor: Actor
    form: Form
    rules: Rules
    moment: datetime
    kind: str = ""
    original: CaseRow | None = None


@dataclass(frozen=True, slots=True)
class Casework:
    """Carries orders out on a case that the caller has locked and opened."""

    audit: Audit
    sealer: Sealer
    identity: Identity
    correspondence: Correspondence

    def perform(self, opened: OpenCase, order: Order) -> None:
        """Do it. Raises: ImpossibleActionError, NotPermittedError, ConditionError; the caller rolls back then."""
        moves = _choose(opened.row, order)
        work = Work(
            opened=opened,
            form=order.form,
            actor=order.actor,
            rules=order.rules,
            moment=order.moment,
            sealer=self.sealer,
            identity=self.identity,
            correspondence=self.correspondence,
            original=order.original,
        )
        first = moves[0][1]
        if "officer" in first.by:
            opened.row.waiting = False  # whoever works on a case has seen what the person wrote
        for name in first.effects:
            if name in EFFECTS:
                EFFECTS[name](work)
        if "note" in first.inputs:
            work.add_words(order.form.note, shared=False)
        entered = [(item, self._move(work, item, transition)) for item, transition in moves]
        self._record(work, moves, order)
        opened.row.version += 1
        summarise(opened.row, order.moment)
        opened.session.flush()
        self._send(work, first, entered)

    def _move(self, work: Work, item: ItemRow, transition: Transition) -> str:
        """Settle and move one item → the letter of the state that it entered, or ""."""
        for name in transition.effects:
            if name in SETTLEMENTS:
                SETTLEMENTS[name](work, item)
        target = transition.find_target(item.held_from, item.outcome)
        entered = target != transition.origin
        if entered:
            item.held_from = transition.origin if target == HELD else ""
            item.state = target
            turn(item, target, work.moment, work.rules.closing_days)
        return list_states()[target].letter if entered else ""

    def _record(self, work: Work, moves: list[tuple[ItemRow, Transition]], order: Order) -> None:
        entries = [
            Entry(
                actor=order.actor.name,
                action=order.action,
                case_id=work.case.id,
                kind=item.kind,
                origin=transition.origin,
                state=item.state,
                detail=_note_outcome(work, item),
                digest=digest(work.sealed),
            )
            for item, transition in moves
        ]
        self.audit.append(work.session, *entries)

    def _send(self, work: Work, first: Transition, entered: list[tuple[ItemRow, str]]) -> None:
        """The transition's letter, one for the case or one an item by its scope, and those of the states entered."""
        if first.letter and first.scope == "case":
            self._write(work, first.letter, None)
        for item, letter in entered:
            if first.letter and first.scope == "item":
                self._write(work, first.letter, item)
            if letter:
                self._write(work, letter, item)

    def _write(self, work: Work, template: str, item: ItemRow | None) -> None:
        self.correspondence.write(work.opened, template, item=item, text=work.form.text, confirmation=work.confirmation)


def _choose(case: CaseRow, order: Order) -> list[tuple[ItemRow, Transition]]:
    """The items that the action moves, each with its transition.

    An action on a whole case moves the items that can be moved; what stands in the way of all of them is raised.
    """
    possible = _list_possible(case, order)
    if not possible:
        raise ImpossibleActionError
    first = possible[0][1]
    if not any(order.actor.parties & set(transition.by) for _, transition in possible):
        raise NotPermittedError
    _demand_inputs(first, order)
    if first.scope == "item" and len(possible) > 1 and not order.kind:
        raise ConditionError("which_item")
    unmet = {id(item): _find_unmet(case, item, transition, order) for item, transition in possible}
    met = [(item, transition) for item, transition in possible if not unmet[id(item)]]
    if not met:
        raise ConditionError(next(iter(unmet.values())))
    return met


def _list_possible(case: CaseRow, order: Order) -> list[tuple[ItemRow, Transition]]:
    items = [item for item in case.items if order.kind in {"", item.kind}]
    found = ((item, find_transition(list_kinds()[item.kind].course, item.state, order.action)) for item in items)
    return [(item, transition) for item, transition in found if transition]


def _find_unmet(case: CaseRow, item: ItemRow, transition: Transition, order: Order) -> str:
    """The first guard that is not met, or ""."""
    situation = Situation(case, item, order.form, order.actor, order.rules, order.moment, order.original)
    return next((guard for guard in transition.guards if not is_met(guard, situation)), "")


def _demand_inputs(transition: Transition, order: Order) -> None:
    spared = set() if rests_on_ground(order.form.outcome) else {"ground"}
    for name in transition.inputs:
        if name not in spared and not order.form.has(name):
            raise ConditionError(f"needs_{name}")


def _note_outcome(work: Work, item: ItemRow) -> dict[str, str | int]:
    """What the entry says besides: the item's outcome always, so that none can be changed without being found."""
    return {**work.detail, "outcome": item.outcome} if item.outcome else dict(work.detail)
