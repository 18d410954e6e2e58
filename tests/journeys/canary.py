"""People whose every word is distinctive, and the whole way of their requests: what is left of them is theirs to find.

A walk goes through every door at which something personal is typed or read: chat, form, mails, status page, the
officer's desk, exports and errors. `Trail` takes down the addresses that were asked for or offered on the way.
"""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import sqlalchemy as sa

from actions.cases.instants import now
from actions.cases.outbox import Mail
from actions.cases.tables import Base, CaseRow
from actions.hours import TOKYO, is_business_day
from actions.services import Services
from tests.actions.web.officers import read_forms
from tests.journeys.desk import ASKED, Desk, Talk, list_buttons, wait_until
from tests.journeys.officers import Officer, read_code, read_path

# Distinctive enough that any trace is theirs. What the officer writes is as private as what the person does.
PEOPLE = {
    "ja": {
        "details": "水色の万年筆カバー7319番の控えを見たい",
        "name": "鵜飼せせらぎ",
        "email": "seseragi.ukai@example.com",
        "phone": "03-0000-7319",
        "represented": "鵜飼ほたるび",
        "answer": "桐箱の鍵は二階の納戸にあります",
        "note": "電話口の声は紫陽花の合言葉と一致",
        "question": "鼈甲色の栞は何枚でしたか",
        "message": "薄荷の缶は週明けに届きます",
        "extension": "倉の棚卸しが梅雨明けまで続くため",
        "reason": "雲母の帳面に他の方の記載があるため",
        "measure": "琥珀の台帳の写しを書留で送付",
        "reopened": "藍染めの台帳を見直します",
        "corrected_name": "鵜飼みなもと",
        "corrected_email": "minamo.ukai@example.com",
        "corrected_phone": "03-0000-8423",
        "why": "電話で翡翠の印影の綴りを伺った",
        "worded": "鼈甲の標本箱はどの棚にありますか",
    },
    "en": {
        "details": "The turquoise penholder cover, order 88431177",
        "name": "Philippa Rosenquist",
        "email": "philippa.r@example.com",
        "phone": "+44 20 7946 0731",
        "represented": "Thaddeus Rosenquist",
        "answer": "The walnut casket is in the attic",
        "note": "Her voice knew the marzipan password",
        "question": "How many quillons were in the parcel?",
        "message": "The peppermint tin ships on Monday",
        "extension": "Our stocktaking of vellum takes longer",
        "reason": "The mica ledger names other customers",
        "measure": "A copy of the amber register went by post",
        "reopened": "We look at the indigo register again",
        "corrected_name": "Philippina Rosenqvist",
        "corrected_email": "philippina.r@example.com",
        "corrected_phone": "+44 20 7946 0842",
        "why": "She spelled the jade seal over the phone",
        "worded": "On which shelf is the tortoiseshell cabinet",
    },
}
FIELDS = ("details", "name", "email", "phone")
FRAGMENTS = ("万年筆カバー", "penholder", "Rosenquist", "せせらぎ", "ほたるび", "88431177", "紫陽花", "marzipan")
WORDS = (*(word for person in PEOPLE.values() for word in person.values()), *FRAGMENTS)
ON_BEHALF = {"ja": "{}の代理で、個人情報の開示をお願いします", "en": "I request disclosure on behalf of my father {}"}
FOLLOWING = {"ja": ("それはなぜ?", "もっと詳しく"), "en": ("Why is that?", "Tell me more")}
SILENT = {"ja": "Cookieは使っていますか", "en": "Do you use cookies?"}
KINDS_OF_LETTERS = {
    *("receipt", "code", "reminder", "acknowledgement", "documents", "question", "message", "fee", "fee_waived"),
    *("extension", "decision", "withdrawn", "reopened", "officer_new", "officer_reply", "address", "address_left"),
}


@dataclass
class Trail:
    """All addresses that were asked for, led to or offered by a page."""

    addresses: set[str] = field(default_factory=set)

    @contextmanager
    def open(self, desk: Desk) -> Iterator[httpx.Client]:
        """One visitor who leaves a trail."""
        hooks = {"request": [self._note_request], "response": [self._note_response]}
        with desk.open_http(event_hooks=hooks) as http:
            yield http

    def _note_request(self, request: httpx.Request) -> None:
        self.addresses.add(str(request.url))

    def _note_response(self, response: httpx.Response) -> None:
        response.read()
        self.addresses.add(response.headers.get("location", ""))
        if response.headers.get("content-type", "").startswith("text/html"):
            self.addresses.update(re.findall(r'(?:href|action|src)="((?!mailto:|tel:)[^"]*)"', response.text))


@dataclass(frozen=True)
class Walk:
    """One person's way through a desk. `filed` collects the receipts by how they came."""

    desk: Desk
    services: Services
    trail: Trail
    officer: Officer
    approver: Officer
    language: str
    filed: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> dict[str, str]:
        """Who it is."""
        return PEOPLE[self.language]

    @property
    def fields(self) -> dict[str, str]:
        """What a request asks for."""
        return {name: self.person[name] for name in FIELDS}

    # --- intake

    def chat(self) -> None:
        """By conversation: in a question, in the opening message, misread, corrected, for another, given up, left."""
        with self.trail.open(self.desk) as http:
            asking = self._talk(http)  # what was asked before travels with what follows on from it
            asking.say_all(f"{self.person['details']}: {ASKED[self.language]}", *FOLLOWING[self.language])
            self._ask_in_vain(http)
            talk = self._talk(http)
            talk.say(" ".join(self.fields.values()))  # all in the opening message
            talk.say("/request:disclosure")
            talk.say(self.person["details"])
            talk.say(f"{self.person['name']} https://example.com/?a=1")  # no name: asked again
            talk.say(self.person["name"])
            talk.say(f"{self.person['email']} x.{self.person['email']}")  # two addresses: asked again
            talk.say_all(self.person["email"], self.person["phone"], "/change:name")
            talk.say(self.person["name"])
            filed = talk.say("/affirm")
            self.filed["chat"] = filed["request"]["receipt"]
            self.trail.addresses.update(list_buttons(filed))
            another = self._talk(http)
            another.say(ON_BEHALF[self.language].format(self.person["represented"]))
            another.say_all(*self.fields.values())
            self._talk(http).say_all("/request:complaint", *self.fields.values())  # never sent
            self._talk(http).say_all("/request:complaint", *self.fields.values(), "/cancel")

    def _ask_in_vain(self, http: httpx.Client) -> None:
        """In the page: a question that the policy does not answer, rated down; with a name, and in a signed letter."""
        vain, said = SILENT[self.language], self.person
        http.cookies.clear()
        for text in (
            f"{vain} {said['email']}",
            f"{said['details']} {vain}",
            f"{vain}\n--\n{said['name']}\n{said['phone']}",
        ):
            is_known = "madoguchi_conversation" in http.cookies  # without a cookie yet the page comes at once
            answer = http.post(f"/?lang={self.language}", data={"message": text})
            assert answer.status_code == (303 if is_known else 200)
        forms = [form for form in read_forms(http.get(f"/?lang={self.language}").text) if "up" in form.steps]
        assert forms
        for form in forms:
            vote = {**form.values, "verdict": "down", "reason": "missing"}
            assert http.post(form.action, data=vote).status_code == 303
        lost = {"message_id": said["name"], "verdict": "down", "reason": said["email"]}
        assert http.post("/feedback", data=lost).status_code == 422
        http.cookies.clear()

    def _talk(self, http: httpx.Client) -> Talk:
        return Talk(http, self.language)

    def fill_in(self) -> None:
        """By form: once with a field that cannot be read; for oneself and for another."""
        with self.trail.open(self.desk) as http:
            http.headers["accept-language"] = self.language
            form = {**self.fields, "kind": "suspension", "filing_key": str(uuid.uuid4())}
            odd = {**form, "email": f"{form['email']} {form['email']}x"}
            assert http.post("/requests/new", data=odd).status_code == 422
            self.filed["form"] = self._file(http, form)
            agent = {"agent": "legal", "represented": self.person["represented"], "filing_key": str(uuid.uuid4())}
            self.filed["agent"] = self._file(http, {**form, **agent})

    def _file(self, http: httpx.Client, form: dict[str, str]) -> str:
        page = http.post("/requests/new", data=form, follow_redirects=True)
        return str(re.findall(r"M-[0-9A-Z]{4}-[0-9A-Z]{4}", page.text)[0])

    def telephone(self) -> None:
        """By telephone: the officer writes it down, once with a field that cannot be read."""
        http = self.officer.http
        page = read_forms(http.get("/desk/cases/new").text)
        values = next(form for form in page if "filing_key" in form.values).values
        entry = {**values, **self.fields, "kind": "correction", "channel": "telephone", "language": self.language}
        entry |= {"agent": "appointed", "represented": self.person["represented"]}
        assert http.post("/desk/cases/new", data={**entry, "email": "x@"}).status_code == 422
        answer = http.post("/desk/cases/new", data=entry)
        assert answer.status_code == 303
        self.filed["telephone"] = answer.headers["location"].partition("?")[0].rpartition("/")[2]

    # --- the person's own pages

    def confirm(self) -> None:
        """The chat's request by link, the form's by code after a wrong one, the agent's never: reminded, a new code."""
        with self.trail.open(self.desk) as http:
            link = read_path(self.find_mail("chat", "receipt").text, "/confirm/")
            assert http.get(link).status_code == 200
            assert http.post(link, follow_redirects=True).status_code == 200
            wrong = self._act(http, "form", "confirm", code="000000x")
            assert wrong.status_code == 422
            right = self._act(http, "form", "confirm", code=read_code(self.find_mail("form", "receipt").text))
            assert right.status_code == 303
            assert self._act(http, "agent", "send_code").status_code == 303
        with self.services.database.transaction() as session:
            old = sa.update(CaseRow).where(CaseRow.receipt == self.filed["agent"])
            session.execute(old.values(created_at=now() - timedelta(days=2)))
        self.services.upkeep.remind()

    def write(self, name: str) -> None:
        """Write to the officer."""
        with self.trail.open(self.desk) as http:
            assert self._act(http, name, "write", text=self.person["answer"]).status_code == 303

    def agree(self, name: str) -> None:
        """Agree to a fee."""
        with self.trail.open(self.desk) as http:
            assert self._act(http, name, "accept_fee").status_code == 303

    def withdraw(self) -> None:
        """Write, and withdraw the form's request; once without being sure."""
        self.write("form")
        with self.trail.open(self.desk) as http:
            page = self._act(http, "form", "withdraw")
            assert page.status_code == 422
            assert self._act(http, "form", "withdraw", sure="yes").status_code == 303
            lost = http.post("/status/no-such-link", data={"action": "write", "text": self.person["answer"]})
            assert lost.status_code == 404

    def _act(self, http: httpx.Client, name: str, action: str, **filled: str) -> httpx.Response:
        path = f"/status/{self.services.cases.find_status_token(self.filed[name])}"
        forms = read_forms(http.get(path).text)
        form = next(form for form in forms if form.values.get("action") == action)
        return http.post(path, data={**form.values, **filled})

    # --- the officer's desk

    def work(self) -> None:
        """The chat's request with every letter there is: refused after a second look, reopened, granted."""
        receipt, said = self.filed["chat"], self.person
        seen = {"subject": "person", "result": "accepted"}
        self.officer.carry_out(receipt, ("start", {}), ("note", {"note": said["note"]}), ("ask_documents", {}))
        self.write("chat")
        for document in ("order_facts", "driving_licence"):
            self.officer.carry_out(receipt, ("record_document", {"document": document, **seen}))
        self.officer.carry_out(receipt, ("confirm_identity", {}), ("ask_more", {"text": said["question"]}))
        self.write("chat")
        self.officer.carry_out(receipt, ("notify_fee", {}))
        self.agree("chat")
        later = {"date": find_later_day(), "text": said["extension"]}
        self.officer.carry_out(receipt, ("waive_fee", {"note": said["note"]}), ("extend", later))
        self.officer.carry_out(receipt, ("write", {"text": said["message"]}), ("hold", {"note": said["note"]}))
        refusal = {"outcome": "refused", "ground": "disclosure_harm", "text": said["reason"]}
        self.officer.carry_out(receipt, ("release", {"note": said["note"]}), ("propose", refusal))
        self.approver.carry_out(receipt, ("return", {"note": said["note"]}))
        self.officer.carry_out(receipt, ("propose", refusal))
        self.approver.carry_out(receipt, ("approve", {}))
        self.deliver("chat")
        self.officer.carry_out(receipt, ("reopen", {"text": said["reopened"]}), ("confirm_identity", {}), ("grant", {}))
        self.officer.carry_out(receipt, ("fulfil", {"text": said["measure"]}))
        self.deliver("chat")
        self.write("chat")

    def correct(self) -> None:
        """The telephone's request gets another name, number and address, and the new mailbox says that it is theirs."""
        receipt, said = self.filed["telephone"], self.person
        for contact in ("name", "phone"):
            filled = {"contact": contact, "value": said[f"corrected_{contact}"], "note": said["why"]}
            self.officer.carry_out(receipt, ("correct_contact", filled))
        odd = {"value": f"{said['corrected_email']} x.{said['corrected_email']}", "note": said["why"]}
        assert self.officer.act(receipt, "correct_address", **odd).status_code == 422
        for address in (said["email"], said["corrected_email"]):  # shown to be theirs; the other one is told of it
            self.officer.carry_out(receipt, ("correct_address", {"value": address, "note": said["why"]}))
            self.officer.carry_out(receipt, ("write", {"text": said["message"]}))  # which waits
            with self.trail.open(self.desk) as http:
                code = read_code(self.find_mail("telephone", "address").text)
                assert self._act(http, "telephone", "confirm", code=code).status_code == 303
        self.write("telephone")

    def look_closer(self) -> None:
        """Who it is, asked for; a mail with everything, if one is to be sent by hand."""
        http, receipt = self.officer.http, self.filed["telephone"]
        assert http.post(f"/desk/cases/{receipt}/contact").status_code == 303
        page = http.get(f"/desk/cases/{receipt}")
        assert self.person["corrected_phone"] in html.unescape(page.text)
        settled = {"sent", "written", "handed", "void"}
        wait_until(lambda: {mail.state for mail in self.list_mails("telephone")} <= settled, "no mail waits")
        for mail in self.list_mails("telephone"):
            assert http.get(f"/desk/mails/{mail.id}").status_code == 200
            opened = http.post(f"/desk/mails/{mail.id}/open").status_code
            assert opened in {200, 409}
            assert http.get(f"/desk/mails/{mail.id}/file").status_code == (200 if opened == 200 else 404)

    def review(self) -> None:
        """Questions asked in vain: read, with a decision that is refused, one that is taken, and one too late."""
        http, queue = self.officer.http, f"/desk/questions?tab=feedback&language={self.language}"
        links = re.findall(r"/desk/questions/[0-9a-f]{16}", http.get(queue).text)
        assert links
        form = next(one for one in read_forms(http.get(links[0]).text) if one.action.startswith(links[0]))
        given = {**form.values, "entry": form.choices["entry"], "decision": "silent", "topic": "shell_lists"}
        assert http.post(form.action, data={**given, "wording": self.person["email"]}).status_code == 422
        taken = http.post(form.action, data={**given, "wording": self.person["worded"]})
        assert taken.status_code == 303, taken.text
        late = http.post(form.action, data={**given, "wording": self.person["worded"]})
        assert late.status_code == 409
        assert http.get("/desk/questions?tab=decided").status_code == 200

    def deliver(self, name: str) -> None:
        """The notice reaches the person: by mail, or by hand where there is no mail server."""
        if not self.desk.settings.smtp_url.get_secret_value():
            self.officer.carry_out(self.filed[name], ("send_by_hand", {"method": "telephone"}))
        wait_until(lambda: self.services.cases.get(self.filed[name]).closed_at, "the case is closed")

    def look_around(self) -> str:
        """Filters, other pages, what is stale or unknown. Returns the export."""
        http, receipt = self.officer.http, self.filed["telephone"]
        filters = (
            "tab=all",
            "tab=todo&kind=correction",
            "tab=all&channel=telephone&assignee=-",
            "tab=closed&overdue=1",
        )
        pages = [f"/desk?{one}" for one in filters]
        pages += ["/desk/tasks", "/desk/measures", "/desk/audit", "/desk/alerts", f"/desk/cases/{receipt}"]
        assert {http.get(path).status_code for path in pages} == {200}
        assert http.get("/desk/cases/M-0000-0000").status_code == 404
        stale = {"version": "0", "note": self.person["note"], "text": self.person["message"], "step": "run"}
        assert http.post(f"/desk/cases/{receipt}/note", data=stale).status_code == 409
        assert http.post(f"/desk/cases/{receipt}/write", data=stale).status_code == 409
        assert http.post("/desk/cases/M-0000-0000/note", data=stale).status_code == 404
        export = http.get("/desk/export.csv?tab=all")
        assert export.status_code == 200
        return export.text

    def mistype(self) -> None:
        """Where nobody should type it: in questions, in bad requests, in addresses, at the officer's door."""
        everything = " ".join(self.person.values())
        with self.desk.open_http() as http:
            http.post("/api/ask", json={"question": everything})
            http.post("/api/ask", json={"question": [everything]})
            http.post("/api/chat", json={"message": everything, "message_id": everything})
            http.post("/api/chat", json={"message": everything * 100})
            http.post("/api/chat", content=f'{{"message": "{everything}'.encode())
            http.post("/api/chat", json={"message": "hello", "conversation_id": everything})
            http.post("/", data={"message": everything * 100})
            http.get("/requests/new", params={"kind": everything})
            http.get(f"/{self.person['name']}/{self.person['email']}")
            http.get(f"/status/{self.person['name']}")
            http.get(f"/confirm/{self.person['email']}")
            http.post("/desk/sign-in", data={"name": self.person["name"], "password": self.person["email"]})
        with self.desk.open_http(cookies=self.officer.http.cookies) as http:
            assert http.get("/desk", params={"kind": everything, "assignee": self.person["name"]}).status_code == 200
            assert http.get("/staff", params={"q": everything}).status_code in {200, 303, 422}
            reply = {"name": self.person["name"], "question": self.person["details"], "staff": self.person["name"]}
            assert http.post("/staff?clause=purpose", data=reply).status_code == 200

    def find_mail(self, name: str, template: str) -> Mail:
        """The newest mail of a template on a request."""
        return [mail for mail in self.list_mails(name) if mail.template == template][-1]

    def list_mails(self, name: str) -> list[Mail]:
        """A request's mails, oldest first."""
        with self.services.database.reading() as session:
            case_id = session.scalar(sa.select(CaseRow.id).where(CaseRow.receipt == self.filed[name]))
        return self.services.outbox.list_for_case(case_id or "")


def find_later_day() -> str:
    """A business day later than any target that runs now."""
    day = (now() + timedelta(days=60)).astimezone(TOKYO).date()
    while not is_business_day(day, ()):
        day += timedelta(days=1)
    return day.isoformat()


def dump_columns(services: Services) -> bytes:
    """Every value of every column of every table, as bytes."""
    with services.database.reading() as session:
        rows = [row for table in Base.metadata.sorted_tables for row in session.execute(sa.select(table))]
    return b"\n".join(one if isinstance(one, bytes) else str(one).encode() for row in rows for one in row)
