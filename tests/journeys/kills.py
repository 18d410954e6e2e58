"""People at work while the app process is killed again and again: each retries what was interrupted, as people do.

Every person is known by the mail address, so that what became of one can be told from the database afterwards.
"""

from __future__ import annotations

import random
import re
import sqlite3
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa

from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.tables import MailRow
from tests.actions.web.officers import find_form
from tests.journeys.conversations import find_asked
from tests.journeys.desk import Desk, Reply, wait_until
from tests.journeys.officers import IDENTIFY, read_path
from tests.smtp import Server

RECEIPT = re.compile(r"M-[0-9A-Z]{4}-[0-9A-Z]{4}")
KINDS = ("disclosure", "correction", "suspension")
REFUSALS = ("disclosure_harm", "correction_true", "suspension_no_ground")  # a ground for each
MOST_TURNS = 40
# What a kill waits for, and how many seconds at most it comes after it: a request for a change, which takes about that
# long; a case, an audit entry, a mail that has just come into being and that nobody was told of yet.
AIMS = {"request": 0.12, "case": 0.03, "entry": 0.03, "mail": 0.03}
PATIENCE_SECONDS = 4.0  # then it strikes whatever there is


class GivenUpError(Exception):
    """Somebody was told something that nobody can go on from."""


@dataclass
class Town:
    """What happens: who was shown which receipt, which requests run, which a kill has interrupted."""

    desk: Desk
    server: Server
    shown: dict[str, set[str]] = field(default_factory=dict)  # receipts by mail address
    filing_keys: dict[str, str] = field(default_factory=dict)  # of forms, by mail address
    interrupted: set[int] = field(default_factory=set)  # kills that broke a request off
    is_over: threading.Event = field(default_factory=threading.Event)
    begun: int = 0  # requests for a change
    kills: int = 0
    aimed: Counter[str] = field(default_factory=Counter)  # kills by what they came after
    lock: threading.Lock = field(default_factory=threading.Lock)
    to_work: list[str] = field(default_factory=list)  # receipts of confirmed cases nobody has taken yet

    def send(self, http: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask until the desk answers: whoever sees a connection break off tries again."""
        while True:
            with self.lock:
                number, self.begun = self.kills, self.begun + (method == "POST")
            try:
                response = http.request(method, path, **options)
                if response.status_code < 500:
                    return response
            except httpx.TransportError:
                with self.lock:
                    if self.kills > number:
                        self.interrupted.add(self.kills)
            time.sleep(0.1)

    def show(self, email: str, receipt: str) -> None:
        """Somebody reads a receipt number."""
        with self.lock:
            self.shown.setdefault(email, set()).add(receipt)

    @contextmanager
    def hire(self, *workers: threading.Thread) -> Iterator[None]:
        """All work while the block lasts; then each ends what was begun."""
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            self.is_over.set()
            for worker in workers:
                worker.join(180)
        assert not any(worker.is_alive() for worker in workers), "somebody never came to an end"

    def kill(self, chance: random.Random) -> None:
        """Kill the app at a random moment of work, and start it again a minute later."""
        time.sleep(chance.random())
        self._take_aim(chance)
        child = self.desk.app.child
        assert child is not None
        with self.lock:
            self.kills += 1
        child.kill()
        child.wait()
        self._let_a_minute_pass()
        self.desk.app.start()
        wait_until(lambda: self.desk.app.is_ready() or not self.desk.app.is_running(), "the app is ready again")
        assert self.desk.app.is_running()

    def _take_aim(self, chance: random.Random) -> None:
        """Wait for something to happen, and a moment longer."""
        aim = chance.choice(list(AIMS))
        path = self.desk.state / "madoguchi.sqlite3"
        counts = {"case": "SELECT count(*) FROM cases", "entry": "SELECT max(seq) FROM audit"}
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reading:

            def look() -> int:
                if aim in counts:
                    return int(reading.execute(counts[aim]).fetchone()[0] or 0)
                return self.begun if aim == "request" else len(self.server.received)

            before, deadline = look(), time.monotonic() + PATIENCE_SECONDS
            while look() == before and time.monotonic() < deadline:
                time.sleep(0.001)
            self.aimed[aim if look() != before else "nothing"] += 1
        time.sleep(chance.random() * AIMS[aim])

    def _let_a_minute_pass(self) -> None:
        """What the killed process had leased is free again."""
        with closing(Database(self.desk.settings.database)) as database, database.transaction() as session:
            leased = sa.update(MailRow).where(MailRow.state == "leased")
            session.execute(leased.values(lease_until=now()))

    def find_link(self, email: str) -> str:
        """The path of the confirmation link in somebody's mailbox, "" before it has arrived."""
        texts = [mail.text for mail in list(self.server.received) if mail.recipients == [email]]
        found = [text for text in texts if "/confirm/" in text]
        return read_path(found[-1], "/confirm/") if found else ""


class Worker(threading.Thread):
    """Does one thing after another until the town's time is over. `failure` is what ended it early."""

    def __init__(self, town: Town, seed: int) -> None:
        super().__init__(daemon=True)
        self.town = town
        self.chance = random.Random(seed)
        self.seed = seed
        self.count = 0
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            while not self.town.is_over.is_set():
                self.count += 1
                self.do()
        except Exception as error:  # noqa: BLE001  told by the test, which fails for it
            self.failure = error

    def do(self) -> None:
        raise NotImplementedError

    def make_person(self) -> dict[str, str]:
        """Somebody new."""
        number = f"{self.seed}-{self.count}"
        person = {"details": f"注文{number}の控えをお願いします。", "name": "山吹みどり"}
        return {**person, "email": f"midori-{number}@example.com", "phone": "03-0000-0909"}

    def confirm(self, http: httpx.Client, person: dict[str, str]) -> None:
        """Press the button of the mail; the case is the officers' then."""
        email = person["email"]
        wait_until(lambda: self.town.find_link(email), "the receipt has arrived")
        answer = self.town.send(http, "POST", self.town.find_link(email))
        # A link that was used before the answer was lost says that it is used.
        assert answer.status_code in {303, 404, 409, 410, 422}, answer.status_code
        with self.town.lock:
            self.town.to_work.extend(self.town.shown[email])


class FormVisitor(Worker):
    """Files by form: the same page is sent until there is an answer."""

    def do(self) -> None:
        person = self.make_person()
        with self.town.desk.open_http() as http:
            key = self.town.filing_keys[person["email"]] = str(uuid.uuid4())
            form = {**person, "kind": self.chance.choice(KINDS), "filing_key": key}
            answer = self.town.send(http, "POST", "/requests/new", data=form)
            assert answer.status_code == 303, answer.text
            page = self.town.send(http, "GET", answer.headers["location"])
            self.town.show(person["email"], RECEIPT.findall(page.text)[0])
            self.confirm(http, person)


class ChatVisitor(Worker):
    """Files by conversation: the same message with the same id until there is an answer, then what is asked."""

    def do(self) -> None:
        person = self.make_person()
        with self.town.desk.open_http() as http:
            self.conversation_id = ""
            reply = self._say(http, f"/request:{self.chance.choice(KINDS)}")
            for _ in range(MOST_TURNS):
                request = reply["request"] or {}
                if request.get("receipt"):
                    self.town.show(person["email"], request["receipt"])
                    break
                reply = self._say(http, self._answer(reply, person))
            else:
                raise GivenUpError(f"no receipt after {MOST_TURNS} turns: {reply}")
            self.confirm(http, person)

    def _answer(self, reply: Reply, person: dict[str, str]) -> str:
        """What a person says to a reply; without a request, that one is wanted."""
        asked = find_asked(reply)
        if reply["degraded"]:
            return person.get(asked, "はい" if (reply["request"] or {}).get("state") == "confirming" else "?")
        if not reply["request"]:
            raise GivenUpError(f"the request is gone: {reply}")
        return "はい" if reply["request"]["state"] == "confirming" else person[asked]

    def _say(self, http: httpx.Client, text: str) -> Reply:
        body = {"message": text, "message_id": str(uuid.uuid4()), "language": "ja"}
        if self.conversation_id:
            body["conversation_id"] = self.conversation_id
        answer = self.town.send(http, "POST", "/api/chat", json=body)
        assert answer.status_code == 200, answer.text
        reply: Reply = answer.json()
        self.conversation_id = reply["conversation_id"]
        return reply


class Decider(Worker):
    """Works confirmed cases to their end: an officer, and an approver for what is declined."""

    def __init__(self, town: Town, seed: int, officer: httpx.Client, approver: httpx.Client) -> None:
        super().__init__(town, seed)
        self.officer = officer
        self.approver = approver

    def do(self) -> None:
        with self.town.lock:
            receipt = self.town.to_work.pop(0) if self.town.to_work else ""
        if not receipt:
            time.sleep(0.05)
            return
        for action, filled in IDENTIFY:
            self._act(self.officer, receipt, action, **filled)
        if self.chance.random() < 0.5:
            self._act(self.officer, receipt, "grant")
            self._act(self.officer, receipt, "fulfil", text="控えをお送りしました。")
            return
        grounds = re.findall(r'name="ground" value="(\w+)"', self._read(self.officer, receipt))
        ground = next(one for one in REFUSALS if one in grounds)
        self._act(self.officer, receipt, "propose", outcome="refused", ground=ground, text="ほかの方の記載があります。")
        self._act(self.approver, receipt, "approve")

    def _read(self, http: httpx.Client, receipt: str) -> str:
        page = self.town.send(http, "GET", f"/desk/cases/{receipt}")
        assert page.status_code == 200, page.status_code
        return page.text

    def _act(self, http: httpx.Client, receipt: str, action: str, **filled: str) -> None:
        """Fill in a form of the page; after a break or a stale page, look again whether it is still to be done."""
        for _ in range(20):
            page = self._read(http, receipt)
            if f'action="/desk/cases/{receipt}/{action}?' not in page:
                return  # it was done, and only the answer was lost
            form = find_form(page, receipt, action)
            number = self.town.kills
            answer = self.town.send(http, "POST", form.action, data={**form.values, **filled, "step": "run"})
            if answer.status_code == 303:
                return
            # Sent once more after a break, the first one's version is no longer the case's.
            assert answer.status_code == 409, f"{action}: {answer.status_code} after {self.town.kills - number} kills"
            time.sleep(0.05)
        raise GivenUpError(f"{action} is never done")
