"""The dialogue engine dies, comes back, or hangs: questions are answered, requests taken, and nothing is lost."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from actions.texts import say
from knowledge.answer import sentence
from tests.journeys.desk import ASKED, Desk, Reply, Talk, join, list_buttons, list_citations

pytestmark = pytest.mark.journey

FIELDS = {
    "details": "桃色の傘の箱4417番の控え",
    "name": "鳴海こだま",
    "email": "kodama.narumi@example.com",
    "phone": "03-0000-4417",
}
NAME, MAIL, PHONE = FIELDS["name"], FIELDS["email"], FIELDS["phone"]


@dataclass
class Outage:
    """One outage as its visitors saw it: by name, what was said while it lasted and after it."""

    said: dict[str, Reply] = field(default_factory=dict)
    pages: dict[str, httpx.Response] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)  # receipts before
    by_form: set[str] = field(default_factory=set)  # receipts that came during it


@pytest.fixture(scope="module")
def outage(desk: Desk) -> Iterator[Outage]:
    """Kill Rasa in the middle of two requests, look around, start it again and go on. One start of Rasa for all."""
    seen = Outage()
    with desk.open_http() as http:
        half, whole, asking = (Talk(http, "ja") for _ in range(3))
        half.say_all("/request:disclosure", FIELDS["details"])
        whole.say_all("/request:suspension", *FIELDS.values())
        asking.say("こんにちは")
        seen.known = set(desk.list_cases())
        assert desk.dialogue.child is not None
        desk.dialogue.child.kill()
        desk.dialogue.child.wait()
        seen.said["question"] = asking.say(ASKED["ja"])
        seen.said["follow-up"] = asking.say("もっと詳しく")
        seen.said["foreign"] = asking.say("Est-ce que vous vendez mes données personnelles à d'autres entreprises ?")
        seen.said["request"] = asking.say("私の個人情報を消去してください")
        seen.said["button"] = asking.say("/request:correction")
        seen.said["new visitor"] = Talk(http).say(ASKED["en"])
        seen.said["value"] = half.say(NAME)
        seen.said["question in a request"] = half.say(ASKED["ja"])
        seen.said["yes"] = whole.say("はい")
        seen.pages["ready"] = http.get("/readyz")
        seen.pages["chat"] = http.post("/", data={"message": ASKED["ja"]}, follow_redirects=True)
        form = {**FIELDS, "kind": "complaint", "filing_key": str(uuid.uuid4())}
        seen.pages["form"] = http.post("/requests/new", data=form, follow_redirects=True)
        seen.by_form = set(desk.list_cases()) - seen.known
        desk.dialogue.stop()
        desk.dialogue.start()
        desk.await_ready()
        seen.said["question after"] = asking.say(ASKED["ja"])
        seen.said["follow-up after"] = asking.say("もっと詳しく")
        seen.said["name after"] = half.say(NAME)
        seen.said["half filed"] = half.say_all(MAIL, PHONE, "はい")
        seen.said["whole filed"] = whole.say("はい")
        seen.said["yes again"] = whole.say("はい")
        yield seen


@contextmanager
def hang(desk: Desk) -> Iterator[None]:
    """Rasa stops without dying: it takes connections and says nothing."""
    assert desk.dialogue.child is not None
    os.kill(desk.dialogue.child.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(desk.dialogue.child.pid, signal.SIGCONT)


@pytest.mark.parametrize(("name", "degraded"), [("follow-up", True), ("follow-up after", False)])
def test_with_or_without_rasa_a_question_is_read_with_the_one_before(outage: Outage, name: str, degraded: bool) -> None:
    reply = outage.said[name]
    assert reply["degraded"] is degraded
    assert ASKED["ja"] in join(reply)
    assert "collected.note" in {citation["clause_id"] for citation in list_citations(reply)}


def test_without_rasa_a_language_that_is_not_spoken_here_gets_its_notice(outage: Outage) -> None:
    assert sentence("ja", "other_language") in join(outage.said["foreign"])


@pytest.mark.parametrize("name", ["question", "follow-up", "new visitor", "question in a request"])
def test_without_rasa_questions_are_answered_with_citations(outage: Outage, name: str) -> None:
    reply = outage.said[name]
    assert reply["degraded"] is True
    assert list_citations(reply)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("question", "/requests/new?lang=ja"),
        ("new visitor", "/requests/new?lang=en"),
        ("request", "/requests/new?kind=suspension&lang=ja"),
        ("button", "/requests/new?kind=correction&lang=ja"),
        ("value", "/requests/new?kind=disclosure&lang=ja"),
        ("yes", "/requests/new?kind=suspension&lang=ja"),
    ],
)
def test_without_rasa_the_form_is_offered(outage: Outage, name: str, form: str) -> None:
    reply = outage.said[name]
    assert reply["degraded"] is True
    assert form in list_buttons(reply)
    # No button is offered that only the engine understands.
    assert all(payload.startswith("/requests/new") for payload in list_buttons(reply))


@pytest.mark.parametrize(("name", "state"), [("value", "collecting"), ("yes", "confirming")])
def test_without_rasa_a_running_request_says_that_it_is_kept(outage: Outage, name: str, state: str) -> None:
    reply = outage.said[name]
    assert say("ja", "reduced.in_intake") in join(reply)
    assert (reply["request"]["state"], reply["request"]["receipt"]) == (state, None)


def test_without_rasa_the_pages_work(outage: Outage) -> None:
    ready = outage.pages["ready"]
    assert (ready.status_code, ready.json()["dialogue"], ready.json()["status"]) == (200, False, "ready")
    assert outage.pages["chat"].status_code == 200
    assert "<blockquote" in outage.pages["chat"].text


def test_without_rasa_a_request_is_taken_by_form(desk: Desk, outage: Outage) -> None:
    (receipt,) = outage.by_form
    assert receipt in outage.pages["form"].text
    assert desk.list_cases()[receipt].fields == FIELDS


def test_after_the_outage_each_request_goes_on_where_it_was(desk: Desk, outage: Outage) -> None:
    assert outage.said["question after"]["degraded"] is False
    assert say("ja", "intake.ask_email") in join(outage.said["name after"])
    receipts = [outage.said[name]["request"]["receipt"] for name in ("half filed", "whole filed")]
    cases = desk.list_cases()
    assert [(cases[receipt].kind, cases[receipt].fields) for receipt in receipts] == [
        ("disclosure", FIELDS),
        ("suspension", FIELDS),
    ]


def test_after_the_outage_no_request_is_filed_twice(desk: Desk, outage: Outage) -> None:
    filed = {outage.said[name]["request"]["receipt"] for name in ("half filed", "whole filed")}
    assert outage.said["yes again"]["request"] is None
    assert len(filed) == 2
    assert filed | outage.by_form <= set(desk.list_cases()) - outage.known


def test_a_hung_engine_is_not_waited_for_and_nothing_happens_twice(desk: Desk, http: httpx.Client) -> None:
    talk, before = Talk(http, "ja"), set(desk.list_cases())
    talk.say_all("/request:disclosure", *FIELDS.values())
    with hang(desk):
        reply = talk.say("はい")
        assert reply["degraded"] is True
        assert say("ja", "reduced.in_intake") in join(reply)
    # What was sent meanwhile is not done behind the visitor's back when the engine wakes up.
    assert Talk(http, "ja").say(ASKED["ja"])["degraded"] is False
    assert set(desk.list_cases()) == before
    filed = talk.say("はい")
    assert set(desk.list_cases()) - before == {filed["request"]["receipt"]}


def test_the_same_message_again_after_an_outage_is_the_same_reply(desk: Desk, talk: Talk) -> None:
    message_id = str(uuid.uuid4())
    with hang(desk):
        first = talk.say(ASKED["ja"], message_id)
    assert first["degraded"] is True
    assert talk.say(ASKED["ja"], message_id) == first


def test_faults_write_nothing_down(desk: Desk, outage: Outage) -> None:
    assert outage.said
    found = desk.find_in_clear((*FIELDS.values(), "桃色の傘", "こだま", "narumi"))
    # Mails lie in a folder where there is no server: what they are addressed to stands in them, and nothing else.
    assert {(path.split("/")[0], word) for path, word in found} <= {("mails", MAIL), ("mails", "narumi")}
