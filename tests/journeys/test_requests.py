"""A request in conversation, from its opening to its receipt, with all that people do on the way."""

from __future__ import annotations

import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from actions.cases.kinds import list_kinds
from actions.texts import say
from tests.journeys.conversations import compare, play, read_scripts
from tests.journeys.desk import ASKED, Desk, Talk, join, list_buttons, list_citations

pytestmark = pytest.mark.journey

RECEIPT = re.compile(r"M-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
FIELDS = {
    "ja": {
        "details": "2024年の注文の控えが対象です。\n靴の箱にあった紙も。",
        "name": "青空つばさ",
        "email": "tsubasa@example.com",
        "phone": "03-0000-0000",
    },
    "en": {
        "details": "It is about my orders of 2024, shipped to Lyon.",
        "name": "Robin O'Example-Dubois",
        "email": "robin@example.com",
        "phone": "+33 1 00 00 00 00",
    },
}
YES = {"ja": "はい", "en": "yes"}
OPENINGS = {
    ("ja", "disclosure"): "私の個人情報を開示してください",
    ("ja", "purpose_notice"): "私の個人情報の利用目的を通知してください",
    ("ja", "correction"): "登録した住所が間違っているので訂正してください",
    ("ja", "suspension"): "私の個人情報を消去してください",
    ("ja", "third_party_stop"): "私の個人情報を第三者に提供するのをやめてください",
    ("ja", "complaint"): "個人情報の扱いについて苦情を申し立てます",
    ("en", "disclosure"): "I would like to request disclosure of my personal data",
    ("en", "purpose_notice"): "Please notify me of the purpose of use of my personal data",
    ("en", "correction"): "Please correct my registered address, it is wrong",
    ("en", "suspension"): "Please stop using my personal data",
    ("en", "third_party_stop"): "Please stop providing my personal data to third parties",
    ("en", "complaint"): "I wish to lodge a complaint: you leaked my address",
}


def give_all(talk: Talk, language: str = "ja") -> str:
    """Answer every question of an opened request. Returns the review as it was shown."""
    return join(talk.say_all(*FIELDS[language].values()))


def file_request(talk: Talk, language: str = "ja", kind: str = "disclosure") -> str:
    """A whole request by button. Returns the receipt."""
    talk.say(f"/request:{kind}")
    give_all(talk, language)
    return str(talk.say(YES[language])["request"]["receipt"])


@pytest.mark.parametrize(("language", "kind"), list(OPENINGS))
def test_a_request_said_in_words_becomes_a_case(desk: Desk, talk: Talk, language: str, kind: str) -> None:
    opened = talk.say(OPENINGS[language, kind])
    assert opened["request"] == {"kind": kind, "kinds": [kind], "state": "collecting", "receipt": None}
    assert [citation["clause_id"] for citation in list_citations(opened)] == list(list_kinds()[kind].clauses)
    review = give_all(talk, language)
    assert all(value in review for value in FIELDS[language].values())
    filed = talk.say(YES[language])
    receipt = filed["request"]["receipt"]
    assert filed["request"] == {"kind": kind, "kinds": [kind], "state": "filed", "receipt": receipt}
    assert RECEIPT.fullmatch(receipt)
    assert receipt in join(filed)
    case = desk.list_cases()[receipt]
    assert (case.kinds, case.state, case.channel, case.language) == ((kind,), "mail_unverified", "chat", language)
    assert case.fields == FIELDS[language]


@pytest.mark.parametrize("kind", list(list_kinds()))
def test_every_kind_can_be_opened_by_its_button(talk: Talk, kind: str) -> None:
    reply = talk.say(f"/request:{kind}")
    assert (reply["request"]["kind"], reply["request"]["state"]) == (kind, "collecting")
    assert list_citations(reply)


def test_the_administrators_command_shows_exactly_what_was_given(desk: Desk, http: httpx.Client) -> None:
    receipts = {file_request(Talk(http, language), language, "suspension"): language for language in ("ja", "en")}
    shown = {case["receipt"]: case for case in json.loads(desk.run_command("cases", "--json"))}
    assert set(shown) == set(desk.list_cases())
    for receipt, language in receipts.items():
        case = shown[receipt]
        assert (case["kind"], case["kinds"], case["state"]) == ("suspension", ["suspension"], "mail_unverified")
        assert case["fields"] == FIELDS[language]


def test_a_question_in_between_is_answered_and_takes_nothing(desk: Desk, talk: Talk) -> None:
    talk.say("/request:disclosure")
    for field, value in FIELDS["ja"].items():
        reply = talk.say(ASKED["ja"])
        assert list_citations(reply), field
        assert say("ja", f"intake.ask_{field}") in join(reply)  # the same question is asked again
        assert reply["request"]["state"] == "collecting"
        talk.say(value)
    assert list_citations(talk.say(ASKED["ja"]))
    receipt = talk.say("はい")["request"]["receipt"]
    assert desk.list_cases()[receipt].fields == FIELDS["ja"]


@pytest.mark.parametrize(
    ("language", "why"),
    [("ja", "なぜ必要ですか"), ("ja", "どうして聞くのですか"), ("en", "Why do you need it?"), ("en", "what for?")],
)
def test_every_field_says_why_it_is_asked_for(desk: Desk, http: httpx.Client, language: str, why: str) -> None:
    talk = Talk(http, language)
    talk.say("/request:correction")
    for field, value in FIELDS[language].items():
        if field != "details":  # there a question may be what somebody wants to say
            said = join(talk.say(why))
            assert say(language, f"intake.why_{field}") in said
            assert say(language, f"intake.ask_{field}") in said
        talk.say(value)
    receipt = talk.say(YES[language])["request"]["receipt"]
    assert desk.list_cases()[receipt].fields == FIELDS[language]


@pytest.mark.parametrize(
    ("language", "messages", "changed"),
    [
        ("ja", ["メールアドレスを直したい", "aozora@example.com"], {"email": "aozora@example.com"}),
        ("ja", ["メールはaozora@example.comです"], {"email": "aozora@example.com"}),
        ("ja", ["いいえ", "/change:name", "青空ひばり"], {"name": "青空ひばり"}),
        ("ja", ["/change:details", "配送先の記録も知りたい"], {"details": "配送先の記録も知りたい"}),
        ("ja", ["/change:phone", "なし"], {"phone": ""}),
        ("ja", ["/change:email", "これは違う", "aozora@example.com"], {"email": "aozora@example.com"}),
        ("en", ["no, the phone number is wrong", "+33 1 00 00 00 01"], {"phone": "+33 1 00 00 00 01"}),
        ("en", ["my email is r.dubois@example.com"], {"email": "r.dubois@example.com"}),
        ("en", ["no", "/change:name", "Robin Dubois"], {"name": "Robin Dubois"}),
    ],
)
def test_anything_can_be_corrected_at_the_review(
    desk: Desk, http: httpx.Client, language: str, messages: list[str], changed: dict[str, str]
) -> None:
    talk = Talk(http, language)
    talk.say("/request:disclosure")
    give_all(talk, language)
    reply = talk.say_all(*messages)
    wanted = {**FIELDS[language], **changed}
    assert reply["request"]["state"] == "confirming"
    assert all(value in join(reply) for value in wanted.values())
    receipt = talk.say("/affirm")["request"]["receipt"]
    assert desk.list_cases()[receipt].fields == wanted


@pytest.mark.parametrize("given", range(len(FIELDS["ja"]) + 1))
@pytest.mark.parametrize(("language", "stop"), [("ja", "やめる"), ("en", "stop"), ("ja", "/cancel")])
def test_stopping_leaves_nothing(desk: Desk, http: httpx.Client, language: str, stop: str, given: int) -> None:
    before = set(desk.list_cases())
    talk = Talk(http, language)
    talk.say_all("/request:suspension", *list(FIELDS[language].values())[:given])
    assert desk.find_draft(talk.conversation_id) is not None
    stopped = talk.say(stop)
    assert (stopped["request"]["state"], stopped["request"]["receipt"]) == ("cancelled", None)
    assert desk.find_draft(talk.conversation_id) is None
    assert talk.say(YES[language])["request"] is None  # a late "yes" sends nothing
    assert set(desk.list_cases()) == before


@pytest.mark.parametrize(
    ("language", "message", "given"),
    [
        ("ja", "青空つばさ、tsubasa@example.com、03-0000-0000", {"phone": "03-0000-0000"}),
        ("ja", "名前は青空つばさです。メールはtsubasa@example.com", {}),
        ("en", "Robin Dubois, robin@example.com, +33 1 00 00 00 00", {"phone": "+33 1 00 00 00 00"}),
        ("en", "Robin Dubois, robin@example.com", {}),
    ],
)
def test_several_fields_fit_in_one_message(
    desk: Desk, http: httpx.Client, language: str, message: str, given: dict[str, str]
) -> None:
    wanted = {
        "ja": {"name": "青空つばさ", "email": "tsubasa@example.com"},
        "en": {"name": "Robin Dubois", "email": "robin@example.com"},
    }[language]
    talk = Talk(http, language)
    reply = talk.say_all("/request:disclosure", FIELDS[language]["details"], message)
    assert reply["request"]["state"] == ("confirming" if given else "collecting")
    draft = desk.find_draft(talk.conversation_id)
    assert draft is not None
    assert draft.fields == {"details": FIELDS[language]["details"], **wanted, **given}


def test_a_second_yes_files_no_second_case(desk: Desk, talk: Talk) -> None:
    receipt = file_request(talk)
    before = set(desk.list_cases())
    later = [talk.say(text) for text in ("はい", "/affirm", "はい、お願いします")]
    assert [reply["request"] for reply in later] == [None, None, None]
    assert set(desk.list_cases()) == before
    assert receipt in before


def test_the_same_message_again_is_the_same_reply_and_one_case(desk: Desk, talk: Talk) -> None:
    talk.say("/request:disclosure")
    give_all(talk)
    before = set(desk.list_cases())
    message_id = str(uuid.uuid4())
    replies = [talk.say("はい", message_id) for _ in range(3)]
    assert replies[0] == replies[1] == replies[2]
    assert set(desk.list_cases()) - before == {replies[0]["request"]["receipt"]}


@pytest.mark.parametrize("same", [True, False], ids=["sent again by the network", "clicked twice"])
def test_messages_at_the_same_moment_file_one_case(desk: Desk, talk: Talk, same: bool) -> None:
    talk.say("/request:disclosure")
    give_all(talk)
    before = set(desk.list_cases())
    message_ids = [str(uuid.uuid4())] * 4 if same else [str(uuid.uuid4()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda message_id: talk.say("/affirm", message_id), message_ids))
    receipts = {reply["request"]["receipt"] for reply in replies if reply["request"]}
    assert set(desk.list_cases()) - before == receipts
    assert len(receipts) == 1
    assert not same or replies == [replies[0]] * 4


def test_two_conversations_do_not_mix(desk: Desk, http: httpx.Client) -> None:
    one, other = Talk(http), Talk(http)
    one.say("/request:disclosure")
    other.say("/request:complaint")
    for field, value in FIELDS["ja"].items():
        one.say(value)
        other.say(f"{value}1" if field == "details" else value)
    receipts = [talk.say("はい")["request"]["receipt"] for talk in (one, other)]
    cases = desk.list_cases()
    assert [cases[receipt].kind for receipt in receipts] == ["disclosure", "complaint"]
    assert [cases[receipt].fields["details"][-1] for receipt in receipts] == ["。", "1"]


def test_another_kind_can_be_chosen_on_the_way(desk: Desk, talk: Talk) -> None:
    talk.say_all("/request:disclosure", FIELDS["ja"]["details"], FIELDS["ja"]["name"])
    switched = talk.say("開示ではなく利用停止してください")
    assert switched["request"]["kind"] == "suspension"
    talk.say_all(FIELDS["ja"]["email"], FIELDS["ja"]["phone"])
    receipt = talk.say("はい")["request"]["receipt"]
    case = desk.list_cases()[receipt]
    assert (case.kinds, case.fields) == (("suspension",), FIELDS["ja"])


def test_a_question_the_policy_does_not_answer_can_be_sent_to_a_person(desk: Desk, talk: Talk) -> None:
    question = "個人情報は何年保存しますか"
    assert "/forward" in list_buttons(talk.say(question))
    passed_on = talk.say("/forward")
    assert passed_on["request"]["kind"] == "complaint"
    talk.say_all(*list(FIELDS["ja"].values())[1:])  # what it is about is known already
    receipt = talk.say("はい")["request"]["receipt"]
    case = desk.list_cases()[receipt]
    assert case.fields == {**FIELDS["ja"], "details": question}


@pytest.mark.parametrize(
    ("field", "unreadable"),
    [
        ("name", "https://example.com/?a=1"),
        ("name", "12345678"),
        ("email", "tsubasa.example.com"),
        ("email", "a@example.com b@example.com"),
        ("email", "😊"),
        ("phone", "123"),
    ],
)
def test_what_cannot_be_read_is_asked_again_with_its_reason(talk: Talk, field: str, unreadable: str) -> None:
    before = list(FIELDS["ja"])[: list(FIELDS["ja"]).index(field)]
    talk.say_all("/request:disclosure", *(FIELDS["ja"][name] for name in before))
    first, second = join(talk.say(unreadable)), join(talk.say(unreadable))
    assert say("ja", f"intake.again_{field}") in first
    assert say("ja", f"intake.why_{field}") in second
    reply = talk.say(FIELDS["ja"][field])
    assert say("ja", f"intake.again_{field}") not in join(reply)


def test_an_address_with_its_sign_in_words_is_read_and_shown(talk: Talk) -> None:
    talk.say_all("/request:disclosure", FIELDS["ja"]["details"], FIELDS["ja"]["name"], "tsubasa(at)example.com")
    assert "tsubasa@example.com" in join(talk.say("なし"))


def test_a_telephone_that_cannot_be_read_twice_is_left_out_and_that_is_said(talk: Talk) -> None:
    values = FIELDS["ja"]
    talk.say_all("/request:disclosure", values["details"], values["name"], values["email"])
    first, second = join(talk.say("ゼロサン")), join(talk.say("ゼロサン"))
    assert say("ja", "intake.again_phone") in first
    assert "お電話番号は空欄のまま進めます" in second
    assert "電話番号: (入力なし)" in second


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("ja", "佐藤一郎"),
        ("ja", "Maria Garcia"),
        ("en", "Anna"),
        ("en", "Nguyen Van An"),
        ("en", "Hans Müller"),
        ("en", "李小龍"),
        ("en", "Quillon Fetherstonhaugh"),
    ],
)
def test_a_name_is_never_a_command(desk: Desk, http: httpx.Client, language: str, name: str) -> None:
    # Recognition knows no names: it takes them for anything, and is now and then sure of it.
    talk = Talk(http, language)
    reply = talk.say_all("/request:disclosure", FIELDS[language]["details"], name)
    assert reply["request"]["state"] == "collecting"
    draft = desk.find_draft(talk.conversation_id)
    assert draft is not None
    assert draft.fields["name"] == name


@pytest.mark.parametrize(
    "unsure",
    [
        "😭",
        "🚫",
        "👎",
        "\u200b",
        "…",
        "???",
        "12345",
        "待ってください",
        "送らないで",
        "wait",
        "not yet",
        "don't send it",
    ],
)
def test_only_a_clear_yes_sends(desk: Desk, talk: Talk, unsure: str) -> None:
    before = set(desk.list_cases())
    talk.say("/request:disclosure")
    give_all(talk)
    assert talk.say(unsure)["request"]["state"] == "confirming"
    assert set(desk.list_cases()) == before


@pytest.mark.parametrize(
    ("language", "opening", "kinds", "given"),
    [
        (
            "ja",
            "登録情報を全部見せてもらって、そのあと消してください。青空 つばさ、tsubasa@example.com、電話なし。2024年",
            ["disclosure", "suspension"],
            {"name": "青空 つばさ", "email": "tsubasa@example.com", "phone": ""},
        ),
        (
            "en",
            "Please correct my birth date, it says 3 May, should be 5 March. I'm Robin Dubois, robin@example.com",
            ["correction"],
            {"name": "Robin Dubois", "email": "robin@example.com"},
        ),
    ],
)
def test_an_opening_that_says_everything_is_asked_for_nothing_twice(
    desk: Desk, http: httpx.Client, language: str, opening: str, kinds: list[str], given: dict[str, str]
) -> None:
    talk = Talk(http, language)
    reply = talk.say(opening)
    assert reply["request"]["kinds"] == kinds
    draft = desk.find_draft(talk.conversation_id)
    assert draft is not None
    assert draft.fields == {**given, "details": opening}
    if "phone" not in given:
        talk.say("none")
    receipt = talk.say(YES[language])["request"]["receipt"]
    assert list(desk.list_cases()[receipt].kinds) == kinds


def test_an_agent_is_told_what_to_show_and_kept_with_the_case(desk: Desk, talk: Talk) -> None:
    opened = talk.say("母の青空春子の代わりに、登録情報の開示を請求します")
    assert "委任状" in join(opened)
    assert "マイナンバー" in join(opened)
    review = give_all(talk)
    assert "青空春子" in review
    receipt = talk.say("はい")["request"]["receipt"]
    assert desk.list_cases()[receipt].agent == "appointed"


def test_the_status_page_opens_by_the_button_of_the_filed_request(desk: Desk, talk: Talk) -> None:
    talk.say("/request:disclosure")
    give_all(talk)
    filed = talk.say("はい")
    (link,) = [one for one in list_buttons(filed) if not one.startswith("/request")]
    assert filed["request"]["receipt"] not in link
    assert link.startswith("/status/")


def test_conversations_end_as_they_should(desk: Desk, http: httpx.Client) -> None:
    scripts = {script["id"]: script for script in read_scripts(Path(__file__).with_name("conversations.jsonl"))}
    played = {name: play(Talk(http), script["turns"]) for name, script in scripts.items()}
    cases = desk.list_cases()
    found = {name: compare(script["expect"], played[name], cases) for name, script in scripts.items()}
    differs = {name: differences for name, differences in found.items() if differences}
    assert differs == {}
    assert len(scripts) > 60
