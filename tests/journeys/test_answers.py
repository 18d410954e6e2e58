"""A question → an answer that quotes the policy, by chat and by `POST /api/ask`, in both languages."""

from __future__ import annotations

import re

import httpx
import pytest

from actions.texts import say
from knowledge.policy import Policy, load_policy
from tests.journeys.desk import SHOP, Talk, join, list_buttons, list_citations

pytestmark = pytest.mark.journey

SILENT = {"ja": "個人情報は何年保存しますか", "en": "How many years do you keep my data?"}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(SHOP)


@pytest.mark.parametrize(
    ("language", "question", "clause"),
    [
        ("ja", "どんな個人情報を集めていますか", "collected"),
        ("ja", "メールアドレスは収集していますか", "collected.4"),
        ("ja", "集めた情報は何に使われますか", "purpose"),
        ("ja", "配送業者にはどんな情報を渡していますか", "entrusted.1"),
        ("ja", "苦情はどこに言えばいいですか", "rights.7"),
        ("en", "What personal information do you collect?", "collected"),
        ("en", "What do you use my personal information for?", "purpose"),
        ("en", "What information is passed to the delivery company?", "entrusted.1"),
        ("en", "Where can I complain about the handling of my personal information?", "rights.7"),
    ],
)
def test_an_answer_quotes_the_policy_word_for_word(
    talk: Talk, policy: Policy, language: str, question: str, clause: str
) -> None:
    reply = talk.say(question)
    citations = list_citations(reply)
    assert (reply["language"], reply["degraded"]) == (language, False)
    assert clause in {citation["clause_id"] for citation in citations}
    for citation in citations:
        unit = policy.get_unit(citation["clause_id"])
        assert citation["quote"]
        assert citation["quote"] in unit.text
        assert (citation["section"], citation["item"]) == (unit.section, unit.item)
        assert citation["policy_version"] == policy.version
        if language == "en":
            english = policy.get_unit(citation["clause_id"], "en")
            assert citation["quote_en"] in english.text
            assert citation["section_en"] == english.section


def test_a_citations_address_leads_to_its_clause(talk: Talk, http: httpx.Client, policy: Policy) -> None:
    for citation in list_citations(talk.say("どんな個人情報を集めていますか")):
        path, _, anchor = citation["url"].partition("#")
        page = http.get(path)
        assert page.status_code == 200
        assert anchor == citation["clause_id"]
        assert f'id="{anchor}"' in page.text
        assert policy.get_unit(anchor).text.splitlines()[0] in page.text


@pytest.mark.parametrize("question", ["どんな個人情報を集めていますか", "What personal information do you collect?"])
def test_asking_without_a_conversation_gives_the_same_answer(talk: Talk, http: httpx.Client, question: str) -> None:
    spoken = talk.say(question)
    answer = http.post("/api/ask", json={"question": question}).json()
    assert answer["status"] == "answered"
    assert [message["text"] for message in spoken["messages"]] == [answer["answer"]]
    assert list_citations(spoken) == answer["citations"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_where_the_policy_is_silent_nothing_is_claimed(http: httpx.Client, talk: Talk, language: str) -> None:
    answer = http.post("/api/ask", json={"question": SILENT[language]}).json()
    reply = talk.say(SILENT[language])
    assert (answer["status"], answer["language"]) == ("not_covered", language)
    assert answer["answer"] in join(reply)
    assert "/forward" in list_buttons(reply)  # a person can be asked instead
    assert reply["request"] is None


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_opening_button_is_answered(http: httpx.Client, language: str) -> None:
    # What the page itself offers must be understood, whatever recognition makes of so few words.
    page = http.get("/", params={"lang": language}).text
    questions = re.findall(r'<button type="submit" name="message" value="([^"]+)"', page)
    assert len(questions) == 5
    for question in questions:
        reply = Talk(http, language).say(question)
        assert list_citations(reply), question
        assert (reply["request"] or {"state": "offered"})["state"] == "offered", question


def test_an_opening_button_answers_within_a_request_as_well(talk: Talk) -> None:
    talk.say("/request:disclosure")
    reply = talk.say(say("ja", "questions.ask_third_party"))
    assert list_citations(reply)
    assert (reply["request"]["kind"], reply["request"]["state"]) == ("disclosure", "collecting")


def test_the_language_changes_with_a_whole_message_only(talk: Talk) -> None:
    spoken = [
        talk.say(text)["language"] for text in ("こんにちは", "OK", "DHL", "What personal data do you collect?", "はい")
    ]
    assert spoken == ["ja", "ja", "ja", "en", "ja"]


def test_a_chosen_language_is_kept(http: httpx.Client) -> None:
    assert Talk(http, "en").say("どんな個人情報を集めていますか")["language"] == "en"


@pytest.mark.parametrize(
    ("language", "message"), [("ja", "担当者と話したい"), ("en", "I would like to talk to a person")]
)
def test_a_person_can_be_reached(talk: Talk, policy: Policy, language: str, message: str) -> None:
    reply = talk.say(message)
    assert reply["language"] == language
    assert policy.shop.phone in join(reply)
    assert policy.shop.email in join(reply)
