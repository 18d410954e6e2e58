"""What transitions do besides moving items, once an action: small changes by name (`workflow.toml`).

All happen in the caller's transaction. What is done to each item stands in `settlements`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import delete, update

from actions.cases import contacts
from actions.cases.correspondence import TO_UNCONFIRMED
from actions.cases.documents import get_document
from actions.cases.tables import UNSENT, CheckRow, CodeRow, MailRow, MessageRow
from actions.cases.work import Work, assign_status_link

MAIL_LEVEL = 1  # identity level of a confirmed address
SEALED = ("name", "email", "phone", "details", "represented", "opening", "told", "status")


def send_code(work: Work) -> None:
    """Make a code and a link; the letter that goes with the transition carries them, or there is neither."""
    if not work.correspondence.has_enough(work.opened, "receipt"):
        work.confirmation = work.identity.make(work.session, work.case, work.moment)


def tell_officer(work: Work) -> None:
    """Tell the officer that something arrived: by number only. It is to be done once its address is confirmed."""
    work.correspondence.tell_officer(work.opened, "officer_new")


def call_officer(work: Work) -> None:
    """Tell the officer that the person did something, unless that was told already and is not seen yet."""
    if not work.case.waiting:
        work.correspondence.tell_officer(work.opened, "officer_reply")
    work.case.waiting = True


def confirm(work: Work) -> None:
    """The request is the person's, and so is the address that was given for it."""
    work.case.confirmed_at, work.case.readdressed_at = work.moment, None
    work.case.identity_level = max(work.case.identity_level, MAIL_LEVEL)


def prove_address(work: Work) -> None:
    """The person has shown to read that mailbox; an officer's word (`vouch`, `enter`) does not show it.

    What was held back for it goes out.
    """
    work.case.proven_at, work.case.readdressed_at = work.moment, None
    work.case.identity_level = max(work.case.identity_level, MAIL_LEVEL)
    held = update(MailRow).where(MailRow.case_id == work.case.id, MailRow.state == "held")
    work.session.execute(held.values(state="pending", attempts=0, next_at=work.moment, last_error=""))


def void_codes(work: Work) -> None:
    """Nothing is left to confirm: mails that would ask for it are not sent any more."""
    _void(work, TO_UNCONFIRMED)


def void_asking(work: Work) -> None:
    """The address is confirmed: what only asks for it is not sent any more. The receipt is, it tells the number."""
    _void(work, [template for template in TO_UNCONFIRMED if template != "receipt"])


def _void(work: Work, templates: Sequence[str]) -> None:
    rows = update(MailRow).where(MailRow.case_id == work.case.id, MailRow.template.in_(templates))
    work.session.execute(rows.where(MailRow.state.in_(UNSENT)).values(state="void", lease_until=None))


def renew_link(work: Work) -> None:
    """From now on the status link is one that only the mailbox knows: who typed somebody's address has none."""
    assign_status_link(work.case, work.own)


def correct_contact(work: Work) -> None:
    """Another name or telephone number."""
    contacts.change_contact(work, work.form.contact, work.form.value)


def readdress(work: Work) -> None:
    """Another mail address, which is to be confirmed; so far it shows nothing about who the person is."""
    void_codes(work)
    contacts.readdress(work)
    if work.case.identity_level == MAIL_LEVEL:
        work.case.identity_level = 0


def mark_reminded(work: Work) -> None:
    """Reminded once is enough."""
    work.case.reminded_at = work.moment


def take_on(work: Work) -> None:
    """Whoever starts a case has it, unless somebody has it already."""
    work.case.assignee = work.case.assignee or work.actor.name


def add_check(work: Work) -> None:
    """Write down which document was seen, and raise the identity level it proves."""
    form, accepted = work.form, work.form.result == "accepted"
    work.case.checks.append(
        CheckRow(
            at=work.moment, account=work.actor.name, document=form.document, subject=form.subject, accepted=accepted
        )
    )
    work.detail |= {"document": form.document, "subject": form.subject, "result": form.result}
    # Who writes is who must be known: papers on a represented person prove the authority, not the agent.
    writer = "agent" if work.case.agent else "person"
    seen = {one.document for one in work.case.checks if one.accepted and one.subject == writer}
    document = get_document(form.document)
    together = {code for code in seen if get_document(code).group == document.group}
    if accepted and form.subject == writer and len(together) >= document.needed:
        work.case.identity_level = max(work.case.identity_level, document.level)


def keep_words(work: Work) -> None:
    """Keep what the person wrote; a thread that was trimmed begins anew."""
    work.add_words(work.form.text, shared=True)
    work.case.trimmed_at = None


def assign(work: Work) -> None:
    """Give the case to somebody."""
    work.case.assignee = work.form.assignee
    work.detail["assignee"] = work.form.assignee


def mark_read(work: Work) -> None:
    """Nothing of the person's waits to be read."""
    work.case.waiting = False


def requeue(work: Work) -> None:
    """Try the mails again that could not be sent; each stays the same mail."""
    rows = update(MailRow).where(MailRow.case_id == work.case.id, MailRow.state == "dead")
    work.session.execute(rows.values(state="pending", attempts=0, next_at=work.moment, lease_until=None))


def put_on_legal_hold(work: Work) -> None:
    """Nothing of it is deleted until further notice."""
    work.case.on_legal_hold = True


def release_from_legal_hold(work: Work) -> None:
    """Retention counts again."""
    work.case.on_legal_hold = False


def trim(work: Work) -> None:
    """Delete the words of the thread, the letters and the reasons; contact data and outcome stay."""
    session, case = work.session, work.case
    session.execute(delete(MessageRow).where(MessageRow.case_id == case.id))
    session.execute(update(MailRow).where(MailRow.case_id == case.id).values(content_sealed=None))
    case.details_sealed = case.opening_sealed = case.told_sealed = None
    for item in case.items:
        item.decision_sealed = None
    case.trimmed_at = work.moment


def erase(work: Work) -> None:
    """Delete the case's key and all that was sealed with it (crypto-shredding), and every way to find the person."""
    session, case = work.session, work.case
    trim(work)
    session.execute(delete(CodeRow).where(CodeRow.case_id == case.id))
    rows = update(MailRow).where(MailRow.case_id == case.id)
    session.execute(rows.values(recipient_sealed=None, content_sealed=None))
    session.execute(rows.where(MailRow.state.in_(UNSENT)).values(state="void", lease_until=None))
    for name in SEALED:
        setattr(case, f"{name}_sealed", None)
    case.data_key_sealed, case.status_hash = None, None
    case.email_index = case.phone_index = ""
    case.readdressed_at = None
    case.checks.clear()
    case.waiting, case.erased_at = False, work.moment


EFFECTS: dict[str, Callable[[Work], None]] = {
    effect.__name__: effect
    for effect in (
        send_code,
        tell_officer,
        call_officer,
        confirm,
        renew_link,
        correct_contact,
        readdress,
        mark_reminded,
        take_on,
        add_check,
        keep_words,
        assign,
        mark_read,
        requeue,
        prove_address,
        void_codes,
        void_asking,
        put_on_legal_hold,
        release_from_legal_hold,
        trim,
        erase,
    )
}
