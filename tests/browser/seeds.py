"""A desk with something on every page: cases as far as they can be, accounts, conversations. People are invented."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

from actions.cases.accounts import Account
from actions.cases.records import Draft
from actions.services import Services, open_services
from actions.texts import say
from tests.actions.cases.conftest import HANAKO, JIRO, Office
from tests.journeys.desk import ASKED, Desk, Talk

SETTINGS = {
    "fee_disclosure_yen": "300",  # without a published fee no case could wait for one
    "code_minutes": "60",  # the link that was mailed first is opened last
    "dialogue_timeout_seconds": "30",  # however busy the machine is, nothing here shall be said without the engine
    "rate_conversation": "30/hour",  # what no conversation here reaches but the one that is to be refused
}
ACCOUNTS = (HANAKO, JIRO, Account("soko", "staff"), Account("kanri", "administrator"))
DETAILS = {
    "ja": "2024年に買った靴の注文について、お手元の記録の写しをお願いします。\n前の住所が残っているかもしれません。",
    "en": "Please send me a copy of what you hold about my orders of 2024.\nMy former address may be there.",
}
PEOPLE = {"ja": ("綾瀬こだま", "kodama@example.com"), "en": ("Robin Example-Dubois", "robin@example.com")}
PHONE = "03-0000-0000"
REASON = "ご本人の注文2件と配送の記録を確かめました。住所は2025年4月に直しており、いまの登録と同じです。"
QUESTION = "いつごろのご注文か、おおよそでかまいませんのでお知らせください。"
SILENT = {"ja": "個人情報は何年保存しますか", "en": "How long do you keep my data?"}
TOLD = {"ja": "DHLに渡る情報は何ですか", "en": "What information is passed to the delivery company?"}
YES = {"ja": "はい", "en": "yes"}


@dataclass(frozen=True, slots=True)
class Seeds:
    """`places`: parts of addresses by name. `cookies`: what a browser holds, by whose it is ("hanako", "filed-ja")."""

    places: dict[str, str]
    cookies: dict[str, dict[str, str]]

    def find_cookies(self, who: str, language: str) -> dict[str, str]:
        """What somebody's browser holds; of those who chat there is one a language."""
        return self.cookies[who] if who in self.cookies else self.cookies[f"{who}-{language}"]


def work_cases(desk: Desk) -> tuple[dict[str, str], dict[str, str]]:
    """File and work the cases, before the desk runs → places, and passwords by account."""
    services = open_services(desk.settings)
    try:
        passwords = {one.name: services.accounts.create(one.name, one.role) for one in ACCOUNTS}
        return _work(Office(services, _make_draft(services))), passwords
    finally:
        services.database.close()


def _make_draft(services: Services) -> Any:
    def make(kinds: tuple[str, ...], language: str = "ja", **values: Any) -> Draft:
        name, email = PEOPLE[language]
        given = {"details": DETAILS[language], "name": name, "email": email, "phone": PHONE}
        known = {"kinds": kinds, "language": language, "fields": given, "filing_key": str(uuid.uuid4())}
        known |= {"policy_version": services.bundle.policy.version, "told": say(language, "pages.form_lead")}
        return Draft(**{**known, **values})

    return make


def _work(office: Office) -> dict[str, str]:
    cases = {
        "disclosed": _disclose(office),
        "refused": _propose(office),
        "proposed": _propose(office),
        "asked": office.investigate("suspension").receipt,
        "fee": office.investigate("disclosure", language="en").receipt,
        "complaint": office.open("complaint", agent="appointed", represented="綾瀬みなも").receipt,
        "investigated": office.investigate("disclosure", "correction").receipt,
    }
    office.act(cases["refused"], "approve", by=JIRO)
    office.answer(cases["asked"], text=DETAILS["ja"])
    office.act(cases["asked"], "ask_more", text=QUESTION)
    office.act(cases["fee"], "notify_fee")
    office.deliver()
    cases["unconfirmed"] = office.file("disclosure", "third_party_stop").receipt  # its mails are written by the desk
    places = {f"{name}_case": receipt for name, receipt in cases.items()}
    places |= {f"{name}_status": office.token(receipt) for name, receipt in cases.items()}
    places["confirmation"] = office.find_link(cases["unconfirmed"])
    places["mail"] = str(office.list_mails(cases["disclosed"])[-1].id)
    places["policy"] = office.services.bundle.policy.version
    return places


def _propose(office: Office) -> str:
    receipt = office.investigate("correction").receipt
    office.act(receipt, "note", note=QUESTION)
    office.act(receipt, "propose", outcome="refused", ground="correction_true", text=REASON)
    return receipt


def _disclose(office: Office) -> str:
    receipt = office.investigate("disclosure").receipt
    office.act(receipt, "grant")
    office.act(receipt, "fulfil", text=REASON)
    office.deliver()
    office.answer(receipt, text="ありがとうございました。")
    return receipt


def visit(desk: Desk, places: dict[str, str], passwords: dict[str, str]) -> Seeds:
    """Sign in and chat at the running desk."""
    cookies = {name: sign_in(desk, name, password) for name, password in passwords.items()}
    for language in ("ja", "en"):
        name, email = PEOPLE[language]
        fields = (DETAILS[language], name, email, PHONE)
        said = {
            "told": (TOLD[language], SILENT[language]),
            "answered": (ASKED[language], say(language, "questions.ask_third_party")),
            "uncovered": (SILENT[language],),
            "reviewing": ("/request:correction", *fields),
            "filed": ("/request:disclosure", *fields, YES[language]),
        }
        cookies |= {f"{who}-{language}": chat(desk, language, *messages) for who, messages in said.items()}
    return Seeds({**places, "receipt": _file_by_form(desk)}, cookies)


def sign_in(desk: Desk, name: str, password: str) -> dict[str, str]:
    """The cookies of an account's browser."""
    with desk.open_http() as http:
        answer = http.post("/desk/sign-in", data={"name": name, "password": password})
        assert answer.status_code == 303, answer.text
        return dict(http.cookies)


def chat(desk: Desk, language: str, *messages: str) -> dict[str, str]:
    """The cookies of a visitor who has said something."""
    with desk.open_http() as http:
        talk = Talk(http, language)
        talk.say_all(*messages)
        return {"madoguchi_conversation": talk.conversation_id}


def _file_by_form(desk: Desk) -> str:
    """The last part of the address of a receipt."""
    name, email = PEOPLE["ja"]
    fields = {"details": DETAILS["ja"], "name": name, "email": email}
    form = {"kind": "correction", "filing_key": str(uuid.uuid4()), **fields}
    with desk.open_http() as http:
        filed = http.post("/requests/new", data=form)
    found = re.search(r"/requests/filed/([^?]+)", filed.headers["location"])
    assert found
    return found[1]
