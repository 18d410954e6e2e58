"""Conditions of transitions: pure predicates by name (`workflow.toml`), each over one item in its situation.

What a guard that is not met says stands under `conditions.<name>` in the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from actions.cases.documents import get_document, list_authority, list_documents
from actions.cases.grounds import list_grounds
from actions.cases.kinds import list_kinds
from actions.cases.tables import CaseRow, CheckRow, ItemRow
from actions.cases.workflow import list_outcomes
from actions.hours import TOKYO, is_business_day

CORRECTABLE = ("name", "phone")  # contact data that need no new confirmation, as an address does
METHODS = ("mail", "post", "telephone", "counter")  # how a notice may have been given by hand
REMINDER_AFTER = timedelta(hours=24)
MOST_EXTENSION = timedelta(days=180)
AGENT_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in for an action; "" is not given. Free text is left out of the repr."""

    text: str = field(default="", repr=False)
    note: str = field(default="", repr=False)
    outcome: str = ""
    ground: str = ""
    document: str = ""
    subject: str = ""
    result: str = ""
    method: str = ""
    original: str = ""
    assignee: str = ""
    contact: str = ""
    value: str = field(default="", repr=False)
    date: date | None = None

    def has(self, name: str) -> bool:
        """Whether an input was given."""
        value = getattr(self, name)
        return bool(value.strip() if isinstance(value, str) else value)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account's name, "customer" or "system", and as which parties."""

    name: str
    parties: frozenset[str]


CUSTOMER = Actor("customer", frozenset({"customer"}))
SYSTEM = Actor("system", frozenset({"system"}))


@dataclass(frozen=True, slots=True)
class Rules:
    """What the shop has settled. `deciders` are the accounts that may review a proposal."""

    fees: dict[str, int]
    review_alone_hours: int
    unconfirmed_days: int
    target_days: int
    closing_days: Collection[date]
    deciders: frozenset[str]
    assignees: frozenset[str]


@dataclass(frozen=True, slots=True)
class Situation:
    """An item at the moment of an action. `original` is the case that `form.original` names, if there is one."""

    case: CaseRow
    item: ItemRow
    form: Form
    actor: Actor
    rules: Rules
    moment: datetime
    original: CaseRow | None = None


def is_met(name: str, situation: Situation) -> bool:
    """Whether a guard is met. The sentence for one that is not is `conditions.<name>`."""
    return GUARDS[name](situation)


def reminder_due(at: Situation) -> bool:
    """A day has passed, nobody was reminded yet."""
    return at.case.reminded_at is None and at.moment - at.case.created_at >= REMINDER_AFTER


def unconfirmed_too_long(at: Situation) -> bool:
    """The address was not confirmed in the time for it, which begins again with another address."""
    return at.moment - (at.case.readdressed_at or at.case.created_at) >= timedelta(days=at.rules.unconfirmed_days)


def answer_awaited(at: Situation) -> bool:
    """It waits for the answer to a question, not for documents."""
    return not documents_awaited(at)


def documents_awaited(at: Situation) -> bool:
    """It waits for documents: it was put on hold while identity was checked."""
    return at.item.held_from == "id_check"


def document_known(at: Situation) -> bool:
    """The document is one that may be asked for, whose it is fits the case, and the result is one of two."""
    levels = (1, 2, 3)
    known = {one.code for agent in {"", at.case.agent} for level in levels for one in list_documents(level, agent)}
    subjects = {"person", "agent"} if at.case.agent else {"person"}
    return at.form.document in known and at.form.subject in subjects and at.form.result in {"accepted", "rejected"}


def level_reached(at: Situation) -> bool:
    """Identity was shown as far as the kind needs it (Art. 37, rights.6); an agent shows an own document for any."""
    return at.case.identity_level >= (AGENT_LEVEL if at.case.agent else list_kinds()[at.item.kind].level)


def authority_shown(at: Situation) -> bool:
    """Of an agent, what proves the authority was accepted, and of an appointed one what proves the principal.

    Art. 37(3): a power of attorney is worth as much as it is the person's.
    """
    seen = accepted(at.case.checks)
    proven = {proof for code in seen for proof in get_document(code).proves}
    appointed = at.case.agent == "appointed"
    return not at.case.agent or bool(
        seen & set(list_authority(at.case.agent)) and ("principal" in proven or not appointed)
    )


def fee_published(at: Situation) -> bool:
    """The kind may cost something and the shop has published how much (Art. 38; rights.1, rights.2)."""
    return list_kinds()[at.item.kind].fee_allowed and at.rules.fees.get(at.item.kind, 0) > 0


def fee_accepted(at: Situation) -> bool:
    """The person agreed to the fee."""
    return at.item.fee_accepted_at is not None


def fee_not_accepted(at: Situation) -> bool:
    """The person has not yet agreed to the fee."""
    return at.item.fee_accepted_at is None


def fee_not_open(at: Situation) -> bool:
    """No fee that the person was told of is still open."""
    return at.item.fee_yen is None or at.item.fee_accepted_at is not None


def outcome_reviewable(at: Situation) -> bool:
    """The outcome is one that a second person approves, and suits the kind."""
    outcome = list_outcomes().get(at.form.outcome)
    return outcome is not None and outcome.review and outcome.suits(at.item.kind)


def ground_fits(at: Situation) -> bool:
    """The ground is one of the kind's own, with its article and, where the policy names it, its clause.

    An outcome that rests on none has none: its letter would give a reason that is not true.
    """
    if not rests_on_ground(at.form.outcome):
        return not at.form.ground
    return at.form.ground in {one.code for one in list_grounds(at.item.kind)}


def outcome_of_hearing(at: Situation) -> bool:
    """The outcome is one of a complaint's or question's."""
    outcome = list_outcomes().get(at.form.outcome)
    return outcome is not None and outcome.course == "hearing" and outcome.suits(at.item.kind)


def second_person(at: Situation) -> bool:
    """Somebody else proposed it; with a single officer, the same person after a day (review_alone_hours)."""
    if at.actor.name != at.item.proposed_by:
        return True
    hours = at.rules.review_alone_hours
    alone = at.rules.deciders <= {at.actor.name}
    proposed = at.item.proposed_at
    return bool(hours and alone and proposed and at.moment - proposed >= timedelta(hours=hours))


def original_fits(at: Situation) -> bool:
    """The original is another case of the same mailbox, shown to be the person's on both, and asks for the same.

    Otherwise a stranger's request could absorb the person's (GHSA-qx5f-ghc2-7g5c).
    """
    case, other = at.case, at.original
    return bool(
        other
        and other.id != case.id
        and case.proven_at
        and other.proven_at
        and case.email_index
        and case.email_index == other.email_index
        and at.item.kind in {one.kind for one in other.items}
        and not any(one.outcome == "duplicate" for one in other.items)
    )


def method_known(at: Situation) -> bool:
    """The way the notice was given is one of the known ones."""
    return at.form.method in METHODS


def date_later(at: Situation) -> bool:
    """The new date is a business day, later than the present target and than today, and within half a year."""
    chosen, today = at.form.date, at.moment.astimezone(TOKYO).date()
    if chosen is None or not is_business_day(chosen, at.rules.closing_days):
        return False
    present = at.item.target_at.astimezone(TOKYO).date() if at.item.target_at else today
    return max(today, present) < chosen <= today + MOST_EXTENSION


def assignee_known(at: Situation) -> bool:
    """The assignee is somebody who works cases."""
    return at.form.assignee in at.rules.assignees


def contact_known(at: Situation) -> bool:
    """What is to be corrected is one of the contact data that need no new confirmation."""
    return at.form.contact in CORRECTABLE


def address_open(at: Situation) -> bool:
    """The desk changed the address, and nobody has confirmed it since."""
    return at.case.readdressed_at is not None


def reachable(at: Situation) -> bool:
    """The person can read an answer: the case is confirmed and its data are still there."""
    return at.case.confirmed_at is not None and at.case.erased_at is None and at.case.trimmed_at is None


def not_erased(at: Situation) -> bool:
    """The personal data are still there."""
    return at.case.erased_at is None


def was_confirmed(at: Situation) -> bool:
    """The address was shown to be the person's."""
    return at.case.confirmed_at is not None


def not_on_legal_hold(at: Situation) -> bool:
    """Nothing forbids to delete."""
    return not at.case.on_legal_hold


def rests_on_ground(outcome: str) -> bool:
    """Whether an outcome is decided on a ground; one that nobody knows is taken for one."""
    found = list_outcomes().get(outcome)
    return found is None or found.ground


def accepted(checks: Collection[CheckRow]) -> set[str]:
    """Codes of the documents that were accepted."""
    return {one.document for one in checks if one.accepted}


GUARDS: dict[str, Callable[[Situation], bool]] = {
    guard.__name__: guard
    for guard in (
        reminder_due,
        unconfirmed_too_long,
        answer_awaited,
        documents_awaited,
        document_known,
        level_reached,
        authority_shown,
        fee_published,
        fee_accepted,
        fee_not_accepted,
        fee_not_open,
        outcome_reviewable,
        ground_fits,
        outcome_of_hearing,
        second_person,
        original_fits,
        method_known,
        date_later,
        assignee_known,
        contact_known,
        address_open,
        reachable,
        not_erased,
        was_confirmed,
        not_on_legal_hold,
    )
}
