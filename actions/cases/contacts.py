"""A person's contact data: how they are looked for, and corrected at the desk."""

from __future__ import annotations

from actions.cases.crypto import Sealer
from actions.cases.outbox import FAREWELL
from actions.cases.sealed import status_place
from actions.cases.work import Work, assign_status_link


def index_contact(sealer: Sealer, name: str, value: str) -> str:
    """What a value is looked for by: the same for the same address or number, and neither of them."""
    digits = "".join(char for char in value if char.isdigit())
    return sealer.index(name, digits if name == "phone" else value)


def change_contact(work: Work, name: str, value: str) -> None:
    """Seal another value in the place of the former one. The chain tells which field, never what stands in it."""
    setattr(work.case, f"{name}_sealed", work.own.seal(value, f"cases.{name}.{work.case.id}"))
    if name in {"email", "phone"}:
        setattr(work.case, f"{name}_index", index_contact(work.sealer, name, value))
    work.detail["field"] = name


def readdress(work: Work) -> None:
    """Change the mail address: nothing but a confirmation goes to the new one until it is the person's.

    The links that the former mailbox knows end. If it was the person's, it is told: whoever asked by telephone may be
    somebody else.
    """
    case, own, letters = work.case, work.own, work.correspondence
    former = own.open(case.email_sealed, f"cases.email.{case.id}") if case.email_sealed and case.proven_at else ""
    change_contact(work, "email", work.form.value)
    case.proven_at, case.readdressed_at = None, work.moment
    ended = own.open(case.status_sealed, status_place(case.id)) if case.status_sealed else ""
    links = (ended, assign_status_link(case, own))
    letters.outbox.redirect(work.session, case, own, work.form.value, links)
    if former:
        letters.write(work.opened, FAREWELL, recipient=former)
    work.confirmation = work.identity.make(work.session, case, work.moment)
