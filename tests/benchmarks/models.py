"""Model cases for the benchmark: each is worked by the real desk to where it stands, and copied many times."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from actions.cases.accounts import Account
from actions.cases.desk import Arrival
from actions.cases.instants import now
from actions.cases.records import Draft
from actions.cases.tables import CaseRow
from actions.services import Services
from tests.actions.cases.conftest import HANAKO, JIRO, Office

SABURO = Account("saburo", "officer")
DETAILS = (
    "2024年に通販で買った靴と鞄の注文について、お手元にある私の情報(住所、電話番号、購入履歴)の写しをお願いします。"
    "引っ越しの前の住所が残っているかもしれません。"
)
REASON = "ご本人の注文2件と配送の記録を確かめました。お申し出の住所は2025年4月に直しており、いまの登録と同じです。"
SHARES = {"unconfirmed": 0.05, "todo": 0.25, "waiting": 0.10, "closed": 0.60}  # of all cases


@dataclass(frozen=True, slots=True)
class Model:
    """A worked case: the tab of the inbox it is in, and its row's id."""

    tab: str
    case_id: str


def work_models(services: Services) -> list[Model]:
    """File and work one case of every sort. Accounts: hanako and saburo (officers), jiro (approver)."""
    office = Office(services, _make_drafts(services))
    made = [(tab, make(office)) for tab, make in _list_makers()]
    office.deliver()
    with services.database.reading() as session:
        ids = {row.receipt: row.id for row in session.execute(sa.select(CaseRow.receipt, CaseRow.id))}
    return [Model(tab, ids[receipt]) for tab, receipt in made]


def _make_drafts(services: Services) -> Callable[..., Draft]:
    def make(**values: Any) -> Draft:
        given = {"details": DETAILS, "name": "山田花子", "email": "hanako@example.com", "phone": "03-0000-0000"}
        known: dict[str, Any] = {"kinds": ("disclosure",), "language": "ja", "told": DETAILS * 4, "fields": given}
        known |= {"policy_version": services.bundle.policy.version, "filing_key": str(uuid.uuid4())}
        return Draft(**{**known, **values})

    return make


def _list_makers() -> list[tuple[str, Callable[[Office], str]]]:
    """Each maker works a case and gives its receipt."""
    return [
        ("unconfirmed", lambda office: office.file("disclosure").receipt),
        ("unconfirmed", lambda office: office.file("correction", "suspension", language="en").receipt),
        ("todo", lambda office: office.open("disclosure").receipt),
        ("todo", lambda office: office.open("complaint").receipt),
        ("todo", _make_started),
        ("todo", lambda office: office.investigate("suspension", "third_party_stop").receipt),
        ("todo", lambda office: office.investigate("complaint", language="en").receipt),
        ("todo", _make_proposed),
        ("todo", _make_granted),
        ("todo", _make_telephone),
        ("waiting", _make_asked),
        ("waiting", _make_fee),
        ("closed", _make_disclosed),
        ("closed", _make_refused),
        ("closed", _make_heard),
        ("closed", _make_withdrawn),
        ("waiting", _make_notifying),
    ]


def _make_started(office: Office) -> str:
    receipt = office.open("disclosure", agent="appointed", represented="山田太郎").receipt
    office.act(receipt, "start", by=SABURO)
    office.act(receipt, "record_document", document="driving_licence", subject="agent", result="accepted")
    return receipt


def _make_proposed(office: Office) -> str:
    receipt = office.investigate("correction").receipt
    office.act(receipt, "note", note=REASON)
    office.act(receipt, "propose", outcome="refused", ground="correction_true", text=REASON)
    return receipt


def _make_granted(office: Office) -> str:
    receipt = office.investigate("disclosure", "purpose_notice").receipt
    for kind in ("disclosure", "purpose_notice"):
        office.act(receipt, "grant", kind)
    return receipt


def _make_telephone(office: Office) -> str:
    fields = {"details": DETAILS, "name": "山田花子", "email": "", "phone": "03-0000-0000"}
    draft = office.make_draft(kinds=("complaint",), fields=fields)
    return office.services.desk.enter(draft, Arrival("telephone"), HANAKO).receipt


def _make_asked(office: Office) -> str:
    receipt = office.investigate("suspension").receipt
    office.answer(receipt, text=REASON)
    office.act(receipt, "ask_more", text=REASON)
    return receipt


def _make_fee(office: Office) -> str:
    receipt = office.investigate("disclosure", language="en").receipt
    office.act(receipt, "notify_fee")
    return receipt


def _make_disclosed(office: Office) -> str:
    receipt = _make_granted(office)
    for kind in ("disclosure", "purpose_notice"):
        office.act(receipt, "fulfil", kind, text=REASON)
    office.deliver()
    office.answer(receipt, text="ありがとうございました。")
    office.act(receipt, "mark_read")
    return receipt


def _make_refused(office: Office) -> str:
    receipt = _make_proposed(office)
    office.act(receipt, "approve", by=JIRO)
    office.deliver()
    return receipt


def _make_heard(office: Office) -> str:
    receipt = office.investigate("complaint").receipt
    office.act(receipt, "respond", outcome="explained", text=REASON)
    office.deliver()
    return receipt


def _make_withdrawn(office: Office) -> str:
    receipt = office.open("third_party_stop").receipt
    office.answer(receipt, "withdraw")
    office.act(receipt, "mark_read")
    return receipt


def _make_notifying(office: Office) -> str:
    """The mail server refused the notice: it waits for an officer."""
    office.deliver()
    receipt = office.investigate("correction").receipt
    office.act(receipt, "grant")
    office.act(receipt, "fulfil", text=REASON)
    services = office.services
    for mail in services.outbox.lease(1, now()):
        services.outbox.put_back(mail, now(), "refused", permanent=True)
        services.upkeep.on_dead(mail)
    return receipt
