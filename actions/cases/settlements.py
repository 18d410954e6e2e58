"""What transitions do to each item that they move: small changes by name (`workflow.toml`).

All happen in the caller's transaction. What happens once an action stands in `effects`.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update

from actions.cases.clocks import wind
from actions.cases.tables import UNSENT, ItemRow, MailRow
from actions.cases.work import Work, write_decision
from actions.hours import end_of_business_day


def settle_unverified(work: Work, item: ItemRow) -> None:
    """Ended without a confirmed address."""
    item.outcome, item.closed_at = "unverified", work.moment


def settle_withdrawn(work: Work, item: ItemRow) -> None:
    """The person withdrew it."""
    item.outcome, item.closed_at = "withdrawn", work.moment


def settle_withdrawn_fee(work: Work, item: ItemRow) -> None:
    """The person withdrew it because of the fee."""
    item.outcome, item.closed_at = "withdrawn_fee", work.moment


def settle_duplicate(work: Work, item: ItemRow) -> None:
    """It goes on in another case of the same person."""
    item.outcome = "duplicate"
    write_decision(work, item, original=work.original.receipt if work.original else "")


def settle_granted(_: Work, item: ItemRow) -> None:
    """Decided as asked."""
    item.outcome = "granted"


def settle_hearing(work: Work, item: ItemRow) -> None:
    """A complaint or question has its answer."""
    item.outcome = work.form.outcome
    write_decision(work, item, reason=work.form.text)


def set_fee(work: Work, item: ItemRow) -> None:
    """The published amount, of which the person is told before anything is charged."""
    item.fee_yen, item.fee_accepted_at = work.rules.fees[item.kind], None
    work.detail["yen"] = item.fee_yen


def accept_fee(work: Work, item: ItemRow) -> None:
    """The person agrees to the amount."""
    item.fee_accepted_at = work.moment


def drop_fee(_: Work, item: ItemRow) -> None:
    """Nothing is charged after all."""
    item.fee_yen = item.fee_accepted_at = None


def propose(work: Work, item: ItemRow) -> None:
    """Put an outcome before a second person, with ground and reason."""
    form = work.form
    item.proposed_by, item.proposed_at, item.outcome = work.actor.name, work.moment, form.outcome
    write_decision(work, item, ground=form.ground, reason=form.text)
    work.detail |= {"outcome": form.outcome, "ground": form.ground}


def approve(work: Work, item: ItemRow) -> None:
    """The second person agrees; an own review after a day is written down as what it is."""
    work.detail["outcome"] = item.outcome
    if work.actor.name == item.proposed_by:
        work.detail["review"] = "own"


def drop_proposal(_: Work, item: ItemRow) -> None:
    """The proposal is off."""
    item.proposed_by, item.proposed_at, item.outcome, item.decision_sealed = "", None, "", None


def keep_measure(work: Work, item: ItemRow) -> None:
    """What was done, beside the reason that is there already."""
    write_decision(work, item, measure=work.form.text)


def hand_over(work: Work, item: ItemRow) -> None:
    """The notice was given by hand: that letter needs no sending any more; the case's other letters still do."""
    rows = update(MailRow).where(MailRow.case_id == work.case.id, MailRow.kind == item.kind)
    notice = rows.where(MailRow.template == "decision", MailRow.state.in_(UNSENT))
    work.session.execute(notice.values(state="handed", sent_at=work.moment, lease_until=None))
    work.case.acknowledged_at = work.case.acknowledged_at or work.moment
    work.detail["method"] = work.form.method


def close(work: Work, item: ItemRow) -> None:
    """The person has been told: the item is at its end."""
    item.closed_at = work.moment


def set_target(work: Work, item: ItemRow) -> None:
    """A later date, of which the person is told with the reason."""
    if work.form.date:
        item.target_at = end_of_business_day(work.form.date)
        work.detail["date"] = work.form.date.isoformat()


def begin_anew(work: Work, item: ItemRow) -> None:
    """A reopened item has its whole time again, and neither outcome nor proposal."""
    drop_proposal(work, item)
    item.closed_at = work.case.trimmed_at = None
    drop_fee(work, item)
    wind(item, work.rules.target_days)


SETTLEMENTS: dict[str, Callable[[Work, ItemRow], None]] = {
    effect.__name__: effect
    for effect in (
        settle_unverified,
        settle_withdrawn,
        settle_withdrawn_fee,
        settle_duplicate,
        settle_granted,
        settle_hearing,
        set_fee,
        accept_fee,
        drop_fee,
        propose,
        approve,
        drop_proposal,
        keep_measure,
        hand_over,
        close,
        set_target,
        begin_anew,
    )
}
