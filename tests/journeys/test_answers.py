"""A question → an answer that quotes the policy, by chat and by `POST /api/ask`, in both languages."""

from __future__ import annotations

import re

import httpx
import pytest

from actions.texts import say
from knowledge.answer import sentence
from knowledge.policy import Policy, load_policy
from tests.journeys.desk import ASKED, SHOP, Desk, Reply, Talk, join, list_buttons, list_citations

pytestmark = pytest.mark.journey

# A question, one with its like exchanged, and what that was understood as.
EXCHANGED = {
    "ja": ("メールアドレスは収集していますか", "では電話番号は?", "電話番号は収集していますか"),
    "en": ("Do you collect my email address?", "What about my phone number?", "Do you collect my phone number?"),
}
MORE = {"ja": "もっと詳しく", "en": "Tell me more"}
SECOND = {"ja": "2番目は?", "en": "What about the second one?"}
WHY = {"ja": "それはなぜ?", "en": "Why is that?"}
FOREIGN = {
    "fr": "Est-ce que vous vendez mes données personnelles à d'autres entreprises ?",
    "zh": "你们会把我的个人信息提供给第三方公司吗？请告诉我。",
    "ko": "제 개인정보를 제삼자에게 제공하나요?",
}
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
def test_where_the_policy_is_silent_it_is_told_whether_a_person_is_there(talk: Talk, language: str) -> None:
    before, _, after = say(language, "replies.closed_now", day="|").partition("|")
    day = {"ja": r"\d{4}年\d+月\d+日\(.\)", "en": r"\w+day, \d+ \w+ \d{4}"}[language]
    closed = re.escape(before) + day + re.escape(after)
    assert re.search(f"{re.escape(say(language, 'replies.open_now'))}|{closed}", join(talk.say(SILENT[language])))


def _list_clauses(reply: Reply) -> list[str]:
    return [citation["clause_id"] for citation in list_citations(reply)]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_question_is_read_with_the_one_before(talk: Talk, language: str) -> None:
    first, exchanged, understood = EXCHANGED[language]
    assert "collected.4" in _list_clauses(talk.say(first))
    reply = talk.say(exchanged)
    assert understood in join(reply)
    assert _list_clauses(reply)[0] == "collected.3"
    whole = talk.say(MORE[language])
    assert understood in join(whole)
    assert {"collected", "collected.1", "collected.6", "collected.note"} <= set(_list_clauses(whole))
    assert _list_clauses(talk.say(SECOND[language]))[0] == "collected.2"
    last = talk.say(WHY[language])
    assert understood in join(last)
    assert (last["language"], last["degraded"], last["request"]) == (language, False, None)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_nothing_is_read_into_the_first_message(http: httpx.Client, language: str) -> None:
    for text in (EXCHANGED[language][1], MORE[language], SECOND[language]):
        spoken = join(Talk(http, language).say(text))
        assert spoken
        assert sentence(language, "understood_more").partition("{")[0] not in spoken
        assert EXCHANGED[language][2] not in spoken


def test_what_was_asked_before_means_nothing_in_a_request(talk: Talk) -> None:
    talk.say(EXCHANGED["ja"][0])
    talk.say_all("/request:disclosure", "登録した電話番号を開示してください")
    reply = talk.say(WHY["ja"])
    assert say("ja", "intake.why_name") in join(reply)
    assert EXCHANGED["ja"][0] not in join(reply)
    assert reply["request"]["state"] == "collecting"


def test_what_was_typed_is_passed_on_after_a_follow_up(desk: Desk, talk: Talk) -> None:
    talk.say_all(*EXCHANGED["ja"][:2])
    talk.say_all("/forward", "青空つばさ", "tsubasa@example.com", "03-0000-0000")
    receipt = talk.say("はい")["request"]["receipt"]
    assert desk.list_cases()[receipt].fields["details"] == EXCHANGED["ja"][1]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("clause", ["third_party", "collected", "rights.6"])
def test_a_reading_is_answered_by_its_clause(http: httpx.Client, policy: Policy, language: str, clause: str) -> None:
    # What a question back offers as its buttons; recognition is not asked about so few words.
    reply = Talk(http, language).say(policy.guidance.readings[clause][language])
    assert _list_clauses(reply)[0] == clause
    assert reply["degraded"] is False


def test_japanese_in_latin_letters_is_answered_in_japanese(talk: Talk) -> None:
    reply = talk.say("kojin jouhou wo daisansha ni teikyou shimasu ka")
    assert reply["language"] == "ja"
    assert "third_party" in _list_clauses(reply)


@pytest.mark.parametrize("tongue", FOREIGN)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_language_that_is_not_spoken_here_changes_nothing(talk: Talk, language: str, tongue: str) -> None:
    assert talk.say(ASKED[language])["language"] == language
    reply = talk.say(FOREIGN[tongue])
    assert join(reply) == sentence(language, "other_language")
    assert (reply["language"], reply["request"], list_buttons(reply)) == (language, None, [])
    assert talk.say("OK")["language"] == language


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
