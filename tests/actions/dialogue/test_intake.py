"""The intake's decider: every move, in both languages, and no path that loses or makes up a value."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases.kinds import list_kinds
from actions.cases.records import FIELDS
from actions.dialogue.intake import SURE, Heard, Move, advance, decide, only_asks
from tests.actions.dialogue.drafts import ASKED, GIVEN
from tests.actions.dialogue.drafts import hear as _hear
from tests.actions.dialogue.drafts import make_draft as _draft


def test_the_next_field_is_asked_when_one_is_missing() -> None:
    step = advance(_draft("email"))
    assert (step.move, step.draft.asked) == (Move.ASK, "email")


def test_the_review_is_shown_when_nothing_is_missing() -> None:
    step = advance(_draft("confirmation"))
    assert (step.move, step.draft.asked) == (Move.REVIEW, "confirmation")


@pytest.mark.parametrize(
    ("asked", "text", "value", "then"),
    [
        ("details", "登録した住所を知りたい", "登録した住所を知りたい", "name"),
        ("details", "I moved and want my old address gone", "I moved and want my old address gone", "name"),
        ("name", "山田花子です", "山田花子", "email"),
        ("name", "まえだよしこ", "まえだよしこ", "email"),
        ("name", "my name is Hanako Yamada", "Hanako Yamada", "email"),
        ("email", "hanako@example.comです", "hanako@example.com", "phone"),
        ("email", "It's hanako@example.com", "hanako@example.com", "phone"),
        ("phone", "03-0000-0000", "03-0000-0000", "confirmation"),
        ("phone", "０３ー００００ー００００です", "03-0000-0000", "confirmation"),
        ("phone", "なし", "", "confirmation"),
        ("phone", "電話番号はなしでお願いします", "", "confirmation"),
        ("phone", "特にありません", "", "confirmation"),
        ("phone", "none", "", "confirmation"),
        ("phone", "No phone, thanks", "", "confirmation"),
        ("phone", "Skip.", "", "confirmation"),
    ],
)
def test_the_value_is_kept_when_the_field_is_answered(asked: str, text: str, value: str, then: str) -> None:
    step = decide(_draft(asked), _hear(text))
    assert step.draft.fields[asked] == value
    assert step.draft.asked == then
    assert step.move is (Move.REVIEW if then == "confirmation" else Move.ASK)


@pytest.mark.parametrize("intent", ["affirm", "deny", "ask_policy", "complaint", "exercise_disclosure", "greet"])
@pytest.mark.parametrize(("asked", "text"), [("email", "hanako@example.com"), ("phone", "03-0000-0000")])
def test_the_value_is_kept_when_recognition_takes_it_for_something_else(asked: str, text: str, intent: str) -> None:
    # An address looks like anything to a classifier that never saw it.
    step = decide(_draft(asked), _hear(text, intent, 0.99))
    assert step.draft.fields[asked] == text


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("どうして退会したのに広告が届くのですか?すぐに止めてください", "ask_policy", 0.99),
        ("退会したのに広告が届くのはなぜ?", "ask_policy", 0.4),  # not surely a question
        ("退会したのに広告が届くのはなぜ？", "complaint", 0.99),
        ("住所を開示してもらえますか", "exercise_disclosure", 0.99),
        ("Why do I still get mail? Please tell me what you hold", "ask_policy", 0.99),
        ("はい、いいえ、どちらでも", "affirm", 0.99),
        ("電話番号を直してください", "change", 0.99),
        ("氏名と生年月日", "deny", 0.9),
        ("hanako@example.com に届く広告のこと", "nlu_fallback", 0.3),
        ("03-0000-0000 は古い番号なので消してください", "nlu_fallback", 0.3),
        ("キャンセルした注文の情報", "cancel", 0.7),  # below what a command needs here
        ("注文をキャンセルした後も住所が残っているようなので、全部教えてほしいです", "cancel", 0.99),  # tells a story
        ("<script>alert(1)</script>'; DROP TABLE cases;--", "nlu_fallback", 0.3),
    ],
)
def test_text_is_the_details_when_details_are_asked_for(text: str, intent: str, confidence: float) -> None:
    step = decide(_draft("details"), _hear(text, intent, confidence))
    assert step.draft.fields == {"details": text}
    assert (step.move, step.draft.asked) == (Move.ASK, "name")


@pytest.mark.parametrize(
    ("text", "intent", "move"),
    [
        ("費用はかかりますか?", "ask_policy", Move.ANSWER),
        ("費用はかかりますか？", "ask_policy", Move.ANSWER),
        ("どのくらいかかりますか", "howto", Move.ANSWER),
        ("Is there a fee?", "ask_policy", Move.ANSWER),
        ("なぜ内容が必要なんですか?", "explain", Move.EXPLAIN),
        ("why do you need details?", "ask_policy", Move.EXPLAIN),
    ],
)
def test_a_sure_question_is_answered_when_details_are_asked_for(text: str, intent: str, move: Move) -> None:
    draft = _draft("details")
    step = decide(draft, _hear(text, intent))
    assert (step.move, step.draft) == (move, draft)


@pytest.mark.parametrize("text", ["なぜ勝手に登録したのですか?", "Why did you give my address away?"])
def test_a_question_is_the_complaint_when_somebody_complains(text: str) -> None:
    step = decide(_draft("details", ("complaint",)), _hear(text, "ask_policy", 0.99))
    assert step.draft.fields == {"details": text}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    "text",
    [
        "やめる",
        "やめます。",
        "やっぱりやめる",
        "キャンセルでお願いします",
        "キャンセルしてください",
        "中止します",
        "stop",
        "Cancel, please",
        "never mind",
        "I changed my mind",
        "ＳＴＯＰ！",
    ],
)
def test_the_request_is_cancelled_when_a_word_says_so(asked: str, text: str) -> None:
    draft = _draft(asked)
    assert decide(draft, _hear(text, "nlu_fallback", 0.1)) == decide(draft, _hear(text, "ask_policy", 0.99))
    step = decide(draft, _hear(text, "nlu_fallback", 0.1))
    assert (step.move, step.draft) == (Move.CANCEL, draft)


@pytest.mark.parametrize(
    ("asked", "text", "confidence", "cancelled"),
    [
        # A name or a story can look like anything: there only the words themselves cancel.
        ("name", "Quillon Fetherstonhaugh", 0.9, False),
        ("name", "止田やめ子", 0.9, False),
        ("name", "もういいや", 0.0, True),
        ("details", "送るのはやめにした店の話です", 0.9, False),
        ("details", "もういいや", 0.0, True),
        ("email", "そろそろ終わりにしたいです", SURE, True),
        ("email", "そろそろ終わりにしたいです", SURE - 0.01, False),
        ("confirmation", "やっぱり送らないで", 0.9, True),
        ("email", "forget about it", 0.9, True),
        ("email", "hanako@example.com", 0.9, False),  # a value is no command
        ("phone", "03-0000-0000", 0.9, False),
        ("phone", "なし", 0.9, False),
        (
            "name",
            "この手続きはもう続けたくないのですがどうすればよいのでしょうかね",
            0.9,
            False,
        ),  # too long for a command
    ],
)
def test_a_recognised_cancel_counts_when_it_is_sure_and_short(
    asked: str, text: str, confidence: float, cancelled: bool
) -> None:
    step = decide(_draft(asked), _hear(text, "cancel", confidence))
    assert (step.move is Move.CANCEL) is cancelled


@pytest.mark.parametrize("asked", ASKED)
def test_the_request_is_cancelled_when_the_button_is_pressed(asked: str) -> None:
    assert decide(_draft(asked), _hear("/cancel", "cancel", 1.0)).move is Move.CANCEL


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("field", FIELDS)
def test_the_field_is_asked_again_when_its_button_is_pressed(asked: str, field: str) -> None:
    step = decide(_draft(asked), _hear(f"/change:{field}", "change", 1.0, field))
    assert (step.move, step.draft.asked) == (Move.ASK, field)
    assert field not in step.draft.fields
    assert {**step.draft.fields, **({field: GIVEN[field]} if field in _draft(asked).fields else {})} == _draft(
        asked
    ).fields


def test_an_unknown_field_changes_nothing_when_a_button_names_it() -> None:
    step = decide(_draft("confirmation"), _hear("/change:receipt", "change", 1.0, "receipt"))
    assert step.draft.fields == GIVEN


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("はい", "nlu_fallback"),
        ("はい！", "deny"),  # the word itself counts more than its recognition
        ("はい、お願いします。", "nlu_fallback"),
        ("OKです", "nlu_fallback"),
        ("それでいいです", "nlu_fallback"),
        ("間違いありません", "nlu_fallback"),
        ("送信してください", "nlu_fallback"),
        ("👍", "nlu_fallback"),
        ("Yes", "nlu_fallback"),
        ("Yes, please.", "nlu_fallback"),
        ("that's right", "nlu_fallback"),
        ("looks good", "nlu_fallback"),
        ("Go ahead!", "nlu_fallback"),
        ("/affirm", "affirm"),
        ("うんそれで頼むわ", "affirm"),
    ],
)
def test_the_request_is_filed_when_confirmed(text: str, intent: str) -> None:
    draft = _draft("confirmation")
    assert decide(draft, _hear(text, intent)) == decide(draft, _hear(text, intent, 1.0))
    step = decide(draft, _hear(text, intent))
    assert (step.move, step.draft) == (Move.FILE, draft)


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "move"),
    [
        ("いいえ", "nlu_fallback", 0.9, Move.WHICH),
        ("違います。", "nlu_fallback", 0.9, Move.WHICH),
        ("no", "nlu_fallback", 0.9, Move.WHICH),
        ("Not quite", "nlu_fallback", 0.9, Move.WHICH),
        ("ちょっと待った", "deny", 0.9, Move.WHICH),
        ("書き直したい", "change", 0.9, Move.WHICH),
        ("/deny", "deny", 1.0, Move.WHICH),
        ("なんで確認するの", "explain", 0.9, Move.EXPLAIN),
        ("why do I have to confirm", "explain", 0.9, Move.EXPLAIN),
        ("費用はかかりますか", "nlu_fallback", 0.3, Move.ANSWER),
        ("これって誰が読むの？", "nlu_fallback", 0.3, Move.ANSWER),
        ("Who reads this?", "nlu_fallback", 0.3, Move.ANSWER),
        ("誰が読むか知りたい", "ask_policy", 0.9, Move.ANSWER),
        ("はいはいえ", "nlu_fallback", 0.3, Move.AGAIN),
        ("うーん", "affirm", 0.4, Move.WAIT),  # not surely a yes
        # a long story is not a yes, whatever it was recognised as
        ("それでいいとは思いますが念のため家族にも聞いてからお返事したいと思っています", "affirm", 0.99, Move.WAIT),
        ("🙂", "greet", 0.9, Move.AGAIN),
        ("", "nlu_fallback", 0.0, Move.AGAIN),
    ],
)
def test_nothing_is_filed_when_the_review_is_not_confirmed(
    text: str, intent: str, confidence: float, move: Move
) -> None:
    step = decide(_draft("confirmation"), _hear(text, intent, confidence))
    assert step.move is move
    assert step.draft.fields == GIVEN


@pytest.mark.parametrize("intent", ["change", "deny", "nlu_fallback", "ask_policy"])
@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("メールはtaro@example.comです", "email", "taro@example.com"),
        ("メールアドレスを taro@example.com に直してください", "email", "taro@example.com"),
        ("e-mail: taro@example.com", "email", "taro@example.com"),
        ("my mail should be taro@example.com", "email", "taro@example.com"),
        ("電話番号は090-0000-0000です", "phone", "090-0000-0000"),
        ("change the phone to 090-0000-0000", "phone", "090-0000-0000"),
        ("電話番号はなし", "phone", ""),
        ("名前は山田太郎です", "name", "山田太郎"),
        ("名前：山田太郎", "name", "山田太郎"),
        ("my name is Stella Martel", "name", "Stella Martel"),
    ],
)
def test_the_new_value_is_taken_when_a_correction_holds_it(text: str, field: str, value: str, intent: str) -> None:
    if intent == "ask_policy":
        # A sure question is a question; below that the field's name decides.
        step = decide(_draft("confirmation"), _hear(text, intent, SURE - 0.01))
    else:
        step = decide(_draft("confirmation"), _hear(text, intent))
    assert step.move is Move.REVIEW
    assert step.draft.fields == {**GIVEN, field: value}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("メールを直したい", "email"),
        ("メールアドレスが違います", "email"),
        ("アドレス", "email"),
        ("the e-mail is wrong", "email"),
        ("電話番号", "phone"),
        ("change my phone number", "phone"),
        ("名前が違います", "name"),
        ("名前を直したいです", "name"),
        ("the name is wrong", "name"),
        ("内容を書き直したい", "details"),
        ("change the details", "details"),
        ("電話は090-0000-0000か03-0000-0000です", "phone"),  # two numbers are none
    ],
)
def test_the_field_is_asked_again_when_a_correction_holds_no_value(text: str, field: str) -> None:
    step = decide(_draft("confirmation"), _hear(text, "change"))
    assert (step.move, step.draft.asked) == (Move.ASK, field)
    assert step.draft.fields == {name: value for name, value in GIVEN.items() if name != field}


def test_the_review_comes_back_when_a_corrected_field_is_given() -> None:
    asked = decide(_draft("confirmation"), _hear("メールを直したい", "change")).draft
    step = decide(asked, _hear("taro@example.com"))
    assert (step.move, step.draft.fields) == (Move.REVIEW, {**GIVEN, "email": "taro@example.com"})


@pytest.mark.parametrize(
    ("asked", "text", "field"),
    [
        ("phone", "メールを直したい", "email"),
        ("email", "名前を直したいです", "name"),
        ("name", "内容を書き直したい", "details"),
        ("phone", "I want to change the name", "name"),
    ],
)
def test_an_earlier_field_is_asked_again_when_a_change_names_it(asked: str, text: str, field: str) -> None:
    step = decide(_draft(asked), _hear(text, "change"))
    assert (step.move, step.draft.asked) == (Move.ASK, field)
    then = decide(step.draft, _hear(GIVEN[field]))
    assert (then.move, then.draft.asked) == (Move.ASK, asked)  # and then on where it was


@pytest.mark.parametrize(
    ("asked", "text", "fields", "then"),
    [
        ("name", "山田太郎、taro@example.com", {"name": "山田太郎", "email": "taro@example.com"}, "phone"),
        ("name", "山田太郎 taro@example.com", {"name": "山田太郎", "email": "taro@example.com"}, "phone"),
        (
            "name",
            "山田太郎です。taro@example.com 090-0000-0000",
            {"name": "山田太郎", "email": "taro@example.com", "phone": "090-0000-0000"},
            "confirmation",
        ),
        (
            "name",
            "Taro Yamada, taro@example.com, 090-0000-0000",
            {"name": "Taro Yamada", "email": "taro@example.com", "phone": "090-0000-0000"},
            "confirmation",
        ),
        (
            "email",
            "taro@example.com、電話は090-0000-0000です",
            {"email": "taro@example.com", "phone": "090-0000-0000"},
            "confirmation",
        ),
    ],
)
def test_every_value_is_taken_when_one_message_holds_several(
    asked: str, text: str, fields: dict[str, str], then: str
) -> None:
    step = decide(_draft(asked), _hear(text))
    assert step.draft.fields == {**_draft(asked).fields, **fields}
    assert step.draft.asked == then


def test_a_given_value_stays_when_another_stands_beside_the_answer() -> None:
    draft = _draft("phone")
    step = decide(draft, _hear("090-0000-0000 (other@example.com)"))
    assert step.draft.fields == {**draft.fields, "phone": "090-0000-0000"}


@pytest.mark.parametrize("asked", ["name", "email", "phone"])
@pytest.mark.parametrize(
    ("text", "intent", "move"),
    [
        ("費用はかかりますか", "nlu_fallback", Move.ANSWER),
        ("費用はかかる?", "nlu_fallback", Move.ANSWER),
        ("費用はかかる？", "nlu_fallback", Move.ANSWER),
        ("誰が読むのか知りたい", "ask_policy", Move.ANSWER),
        ("Is there a fee?", "nlu_fallback", Move.ANSWER),
        ("なぜ必要ですか", "nlu_fallback", Move.EXPLAIN),
        ("どうして？", "nlu_fallback", Move.EXPLAIN),
        ("それ教えないとだめ", "explain", Move.EXPLAIN),
        ("Why do you need that?", "nlu_fallback", Move.EXPLAIN),
        ("is it required?", "nlu_fallback", Move.EXPLAIN),
    ],
)
def test_a_question_in_between_is_answered_when_a_field_is_asked(
    asked: str, text: str, intent: str, move: Move
) -> None:
    draft = _draft(asked, misses=1)
    step = decide(draft, _hear(text, intent))
    assert (step.move, step.draft) == (move, draft)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("details", "!?"),
        ("details", "x"),
        ("name", "12345"),
        ("name", "はい"),
        ("email", "hanako@"),
        ("email", "山田"),
        ("confirmation", "むむむ"),
    ],
)
def test_misses_are_counted_when_values_cannot_be_read(asked: str, text: str) -> None:
    draft = _draft(asked)
    for misses in (1, 2, 3):
        step = decide(draft, _hear(text, "nlu_fallback", 0.1))
        assert (step.move, step.draft.misses, step.draft.asked) == (Move.AGAIN, misses, asked)
        assert step.draft.fields == draft.fields
        draft = step.draft


def test_misses_start_again_when_a_value_is_read() -> None:
    assert decide(_draft("email", misses=2), _hear("hanako@example.com")).draft.misses == 0


INTENTS = ["ask_policy", "howto", "explain", "affirm", "deny", "cancel", "change", "greet", "nlu_fallback", ""]
PIECES = [
    "はい",
    "、",
    "やめる",
    "山田花子です",
    "まえだ",
    "hanako@example.com",
    "03-0000-0000",
    "なし",
    "？",
    "なぜ",
    "名前は",
    "メール",
    "\ud800",
    "\x00",
    " ",
]


def _visible(text: str) -> str:
    """What a text says: without width, case, blanks, the forms of a dash, and what no reader can see."""
    plain = "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"})
    plain = "".join(unicodedata.normalize("NFKC", plain).split()).casefold()
    return re.sub("[‐‑‒–—―ー−─・]", "-", plain)


@given(
    asked=st.sampled_from(ASKED),
    text=st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=6).map("".join)),
    intent=st.sampled_from([*INTENTS, *(kind.intent for kind in list_kinds().values())]),
    confidence=st.floats(0, 1),
    field=st.sampled_from(["", "", "", *FIELDS, "nonsense"]),
)
def test_no_value_is_invented_or_lost_when_anything_is_heard(**heard: Any) -> None:
    asked = heard.pop("asked")
    draft = _draft(asked)
    step = decide(draft, Heard(**heard))
    said = _visible(heard["text"])
    for name, value in step.draft.fields.items():
        # What is no value is added to the details, below what stands there.
        new = value.removeprefix(draft.fields.get(name, "")) if name == "details" else value
        assert value == draft.fields.get(name) or _visible(new) in said
    assert len(set(draft.fields) - set(step.draft.fields)) <= 1  # one field at most is asked for again
    assert step.draft.filing_key == draft.filing_key
    assert (step.move is Move.FILE) <= (asked == "confirmation")
    # What is asked for next is missing, unless everything is there.
    assert (step.draft.asked == "confirmation") == (step.draft.find_missing() is None)


@pytest.mark.parametrize("text", ["はい?", "はい？", "yes?", "OK?"])
def test_a_questioning_yes_files_nothing(text: str) -> None:
    assert decide(_draft("confirmation"), _hear(text, "affirm", 0.9)).move is not Move.FILE


@pytest.mark.parametrize("text", ["はい、それでお願いできますか", "ええ、送ってもらえますか？"])
def test_a_yes_that_asks_politely_files(text: str) -> None:
    assert decide(_draft("confirmation"), _hear(text, "affirm", 0.9)).move is Move.FILE


def test_an_introduced_name_is_a_value_even_when_it_sounds_like_a_question() -> None:
    heard = _hear("My name is Robin Dubois, robin@example.com", "ask_policy", 0.6)
    assert decide(_draft("name"), heard).draft.fields["name"] == "Robin Dubois"


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("第三者に提供しますか", True),
        ("Do you share my data?", True),
        ("提供を止めてもらえますか", False),
        ("私の情報を消してくれませんか?", False),
        ("Can you delete my account?", False),
        ("消して", False),
    ],
)
def test_what_only_asks_is_told_from_what_wants_something(text: str, asks: bool) -> None:
    assert only_asks(text) is asks


@pytest.mark.parametrize("asked", ["details", "name", "email"])
def test_a_kinds_button_is_never_a_value(asked: str) -> None:
    # Pressed again in a running request, from further up in the conversation.
    draft = _draft(asked)
    same = decide(draft, Heard("/request:disclosure", "exercise_disclosure", 1.0))
    assert (same.move, same.draft.fields, same.draft.kinds) == (Move.ASK, draft.fields, draft.kinds)
    other = decide(draft, Heard("/request:suspension", "exercise_suspension", 1.0))
    assert (other.move, other.draft.fields, other.draft.kinds) == (Move.SWITCH, draft.fields, ("suspension",))


@pytest.mark.parametrize("typed", ['/exercise_suspension{"x": "y"}', "／exercise_suspension", "/request:everything"])
def test_a_typed_command_changes_no_kind(typed: str) -> None:
    draft = _draft("email")
    assert decide(draft, Heard(typed, "exercise_suspension", 0.99)).draft.kinds == draft.kinds


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("When do you stop giving data to others?", True),
        ("On what ground do you stop providing my data?", True),
        ("Is it possible to stop sharing?", True),
        ("ﾄﾞﾝﾅ ｼﾞｮｳﾎｳ ｦ ｱﾂﾒﾃ ｲﾏｽｶ", True),
        ("What I want: delete my data. Can you?", False),
        ("Have my file sent to me please?", False),
        ("Could you delete my data?", False),
        ("退会できますか、お願いします", False),
    ],
)
def test_what_only_asks_is_told_from_what_wants_something_done(text: str, asks: bool) -> None:
    assert only_asks(text) is asks


@pytest.mark.parametrize(
    "text", ["Ms Harriet Munro, solicitor", "弁護士の相沢 徹です", "Tom Reed, on behalf of Ann Reed"]
)
def test_an_agent_is_heard_when_the_name_comes_with_a_calling(text: str) -> None:
    step = decide(_draft("name"), _hear(text))
    assert step.draft.agent == "appointed"
    assert "agent" in step.notes
    assert step.draft.fields["name"]


def test_a_signature_under_a_yes_is_no_correction() -> None:
    step = decide(_draft("confirmation"), _hear("はい、お願いします。\n\n--\n山田花子\nhanako@example.com"))
    assert step.move is Move.FILE
    other = decide(_draft("confirmation"), _hear("はい、お願いします。\n\n--\n山田花子\nhana@example.org"))
    assert other.move is not Move.FILE


def test_a_guardian_stays_one_when_the_ward_is_spoken_of() -> None:
    draft = replace(_draft("details"), agent="legal")
    step = decide(draft, _hear("伯母の登録で、職業が会社員となっています。伯母は91歳で無職です。"))
    assert (step.draft.agent, step.notes) == ("legal", ())
    step = decide(draft, _hear("息子は20歳で、息子の登録を消してほしいです"))
    assert step.draft.agent == "appointed"


def test_one_more_kind_is_added_and_no_other() -> None:
    text = "Before that: please also stop providing my data to third parties. That should be part of the same request."
    step = decide(_draft("email"), _hear(text))
    assert step.draft.kinds == ("disclosure", "third_party_stop")


def test_who_gives_up_in_passing_and_says_goodbye_files_nothing() -> None:
    told = {"yes": 0.0, "cancel": 0.7, "change": 0.0, "wait": 0.1, "question": 0.0, "chat": 0.1}
    given_up = Heard("やっぱりやめとく、送らんといて", "nlu_fallback", 0.3, consent=told)
    assert decide(_draft("confirmation"), given_up).move is Move.CANCEL
    thanks = replace(given_up, text="ほな、おおきに", consent={**told, "cancel": 0.1, "chat": 0.7})
    assert decide(_draft("confirmation"), thanks).move is Move.AGAIN


@pytest.mark.parametrize(
    "text",
    [
        "はい（まだ送らないで）",
        "Yes (but don't send it yet)",
        "ok (wait)",
        "はい（電話は 090-0000-1111 に直してから）",
        "yes (but my mail is taro@example.com)",
    ],
)
def test_a_reservation_in_brackets_sends_nothing(text: str) -> None:
    assert decide(_draft("confirmation"), Heard(text, "affirm", 0.9)).move is not Move.FILE


def test_a_consent_beside_another_value_corrects_first() -> None:
    told = {"yes": 0.9, "cancel": 0.0, "change": 0.1, "wait": 0.0, "question": 0.0, "chat": 0.0}
    step = decide(_draft("confirmation"), Heard("はい、taro@example.com で送って", "affirm", 0.9, consent=told))
    assert (step.move, step.draft.fields["email"]) == (Move.REVIEW, "taro@example.com")


def test_a_corrected_name_changes_no_kind() -> None:
    text = "いや、名は法名でなく俗名がよろしいでしょう。藤井了一に改めてくだされ"
    step = decide(_draft("email", ("purpose_notice",)), _hear(text, "exercise_correction", 0.9))
    assert (step.draft.kinds, step.draft.fields["name"]) == (("purpose_notice",), "藤井了一")


def test_who_goes_on_after_all_gives_nothing_up() -> None:
    text = "Oh, I've half a mind to drop the whole thing. No, no, I've come this far. Let us continue."
    assert decide(_draft("email"), _hear(text, "cancel", 0.9)).move is not Move.CANCEL


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("Kindly change the mobile number, correct one is 090-0000-0032.", "phone", "090-0000-0032"),
        ("二か所お直しくださいませ。名前は山田ではなく柏木花子、メールは k@example.com で", "email", "k@example.com"),
    ],
)
def test_a_corrected_value_at_the_review_changes_no_kind(text: str, field: str, value: str) -> None:
    step = decide(_draft("confirmation", ("complaint",)), _hear(text, "exercise_correction", 0.9))
    assert (step.draft.kinds, step.draft.fields[field]) == (("complaint",), value)


def test_who_names_whom_they_act_for_gives_nothing_up() -> None:
    told = {"yes": 0.0, "cancel": 0.9, "change": 0.1, "wait": 0.0, "question": 0.0, "chat": 0.0}
    text = "すみません、言い忘れました。夫に頼まれて妻の私が代理で申し込んでいます。"
    step = decide(_draft("confirmation"), Heard(text, "nlu_fallback", 0.3, consent=told))
    assert (step.move, step.draft.agent) == (Move.REVIEW, "appointed")


def test_a_complaint_is_added_beside_a_value() -> None:
    text = "taro@example.com - and add a formal complaint to it as well, this is ridiculous."
    step = decide(_draft("email", ("suspension",)), _hear(text))
    assert step.draft.kinds == ("suspension", "complaint")
