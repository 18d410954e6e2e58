"""What the desk writes: a letter is made of the case, kept in its thread, and put into the outbox, in one transaction.

A mail goes out only to a confirmed address, but for those that ask to confirm it. Who has given none gets letters by
hand: they wait in the outbox as written, for the officer to send.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import func, select

from actions.cases.clocks import find_promise
from actions.cases.documents import describe_documents
from actions.cases.grounds import get_ground
from actions.cases.identity import Confirmation
from actions.cases.instants import now
from actions.cases.kinds import list_kinds
from actions.cases.letters import Letter, LetterFacts, Quotation, ShopContact, hash_templates, write_letter
from actions.cases.outbox import Mail, Outbox
from actions.cases.sealed import OpenCase, read_decision, status_place, word_place
from actions.cases.tables import CaseRow, ItemRow, MailRow, MessageRow
from knowledge.bundle import Bundle

DESK = "desk"  # author of letters in the thread
TO_UNCONFIRMED = ("receipt", "reminder", "code", "address")  # the letters that ask to confirm the address


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Writes letters. `find_bundle` gives the policy in service, `base_url` is where customers and officers come in."""

    outbox: Outbox
    find_bundle: Callable[[], Bundle]
    base_url: str
    officer_mail: str
    code_minutes: int
    most_unconfirmed: int  # confirmation mails an address may get within an hour

    def write(
        self,
        opened: OpenCase,
        template: str,
        *,
        item: ItemRow | None = None,
        text: str = "",
        confirmation: Confirmation | None = None,
        recipient: str = "",
    ) -> None:
        """Write a letter on a case, or on one of its items, to the person; `recipient` is a former address.

        A mailbox that is not the person's any more gets no link; one that is not yet shown to be gets it later.
        """
        case = opened.row
        if case.confirmed_at is None and (template not in TO_UNCONFIRMED or confirmation is None):
            return
        facts = self._gather(opened, template, item, text, confirmation)
        letter = write_letter(replace(facts, status_url="") if recipient else facts)
        if letter.page:
            self.append(opened, DESK, letter.page, shared=True, template=template)
        own = opened.own.open(case.email_sealed, f"cases.email.{case.id}") if case.email_sealed else ""
        row = self._enqueue(opened, letter, recipient or own, "customer")
        row.kind = item.kind if item else ""
        if case.readdressed_at and not recipient and template not in TO_UNCONFIRMED and row.state == "pending":
            row.state = "held"

    def has_enough(self, opened: OpenCase, template: str) -> bool:
        """Whether an address got so many mails of a kind within the hour that somebody is flooding it.

        The request is taken all the same, and a code can be asked for on its status page: codes that were asked for are
        counted apart from receipts, which anybody may cause.
        """
        lately = (CaseRow.email_index == opened.row.email_index, MailRow.created_at > now() - timedelta(hours=1))
        query = select(func.count(MailRow.id)).join(CaseRow, CaseRow.id == MailRow.case_id)
        sent = opened.session.scalar(query.where(*lately, MailRow.template == template))
        return (sent or 0) >= self.most_unconfirmed

    def tell_officer(self, opened: OpenCase, template: str) -> None:
        """Tell the officer that something waits, by receipt number only."""
        facts = LetterFacts(
            template=template,
            language="ja",
            receipt=opened.row.receipt,
            shop=self._name_shop("ja"),
            desk_url=f"{self.base_url}/desk/cases/{opened.row.receipt}",
        )
        recipient = self.officer_mail or self.find_bundle().policy.shop.email
        self._enqueue(opened, write_letter(facts), recipient, "officer")

    def append(self, opened: OpenCase, author: str, text: str, *, shared: bool, template: str = "") -> bytes:
        """Append a word to a case's thread → as it was sealed."""
        case = opened.row
        sealed = opened.own.seal(text, word_place(case.id))
        opened.session.add(
            MessageRow(case_id=case.id, at=now(), author=author, template=template, shared=shared, body_sealed=sealed)
        )
        return sealed

    def _enqueue(self, opened: OpenCase, letter: Letter, recipient: str, audience: str) -> MailRow:
        # The case's version changes with every action: one letter of a kind an action, however often it is tried.
        session, case = opened.session, opened.row
        place = f"{case.id}.{case.version}.{letter.template}.{audience}"
        known = select(func.count(MailRow.id)).where(MailRow.dedupe_key.startswith(f"{place}."))
        key = f"{place}.{session.scalar(known) or 0}.{hash_templates()}"
        return self.outbox.enqueue(session, case, opened.own, letter, recipient, audience, key)

    def _gather(
        self, opened: OpenCase, template: str, item: ItemRow | None, text: str, confirmation: Confirmation | None
    ) -> LetterFacts:
        case, own = opened.row, opened.own
        decision = read_decision(own, item) if item and template == "decision" else None
        status = own.open(case.status_sealed, status_place(case.id)) if case.status_sealed else ""
        facts = LetterFacts(
            template=template,
            language=case.language,
            receipt=case.receipt,
            shop=self._name_shop(case.language),
            name=own.open(case.name_sealed, f"cases.name.{case.id}") if case.name_sealed else "",
            kinds=tuple(one.kind for one in case.items),
            kind=item.kind if item else "",
            outcome=item.outcome if item else "",
            text=text,
            fee_yen=(item.fee_yen or 0) if item else 0,
            date=find_promise([item] if item else case.items),
            documents=_list_documents(case) if template == "documents" else "",
            status_url=f"{self.base_url}/status/{status}?lang={case.language}" if status else "",
            confirm_url=f"{self.base_url}/confirm/{confirmation.link}?lang={case.language}" if confirmation else "",
            code=confirmation.code if confirmation else "",
            code_minutes=self.code_minutes,
        )
        return facts if item is None or decision is None else self._add_decision(facts, case, item, decision)

    def _add_decision(self, facts: LetterFacts, case: CaseRow, item: ItemRow, decision: dict[str, str]) -> LetterFacts:
        ground = decision.get("ground", "")
        return replace(
            facts,
            text=decision.get("measure", ""),
            reason=decision.get("reason", ""),
            ground=ground,
            original=decision.get("original", ""),
            quotes=self._quote(case, item, ground),
        )

    def _quote(self, case: CaseRow, item: ItemRow, ground: str) -> tuple[Quotation, ...]:
        """The clause that governs the right and that of the ground, in the version the person was told of."""
        bundle = self.find_bundle()
        policy = bundle.find_version(case.policy_version) or bundle.policy
        wanted = [list_kinds()[item.kind].clauses[0], get_ground(ground).clause if ground else ""]
        found = [one for one in dict.fromkeys(wanted) if one and policy.find_unit(one)]
        return tuple(
            Quotation(unit.section, unit.item, unit.text, policy.version, policy.get_unit(unit.clause_id, "en").text)
            for unit in (policy.get_unit(one) for one in found)
        )

    def _name_shop(self, language: str) -> ShopContact:
        shop = self.find_bundle().policy.shop
        return ShopContact(shop.name, shop.officer[language], shop.phone, shop.email, shop.hours[language])


def pair_pages(mails: Iterable[Mail], pages: Iterable[tuple[str, str]]) -> list[str]:
    """The page that goes with each mail, "" for one that says all; `pages` are (template, text) of the same thread.

    A letter's page and its mail are written together, one after the other: the nth page is the nth mail's.
    """
    waiting: dict[str, deque[str]] = defaultdict(deque)
    for template, text in pages:
        waiting[template].append(text)
    return [waiting[mail.template].popleft() if waiting[mail.template] else "" for mail in mails]


def _list_documents(case: CaseRow) -> str:
    level = max(list_kinds()[item.kind].level for item in case.items)
    return describe_documents(case.language, level, case.agent)
