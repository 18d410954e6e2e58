from __future__ import annotations

import time
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import questions
from knowledge.policy import LANGUAGES
from knowledge.questions import (
    LONGEST_FOLLOW_UP,
    MOST_QUESTIONS,
    FollowUp,
    Parts,
    is_brief,
    read_follow_up,
    split_questions,
)
from knowledge.text import normalise

_PIECES = [
    "では",
    "それと",
    "電話番号は",
    "なぜ",
    "2番目",
    "ですか",
    "?",
    "。",
    "、",
    "\n",
    " ",
    "and ",
    "what about ",
    "why",
]
_PIECES += ["the first", "ı", "who gets it", "https://example.com/?a", "😀", "\ud800", "(", "\\", "{x}", "教えて"]
_TABLES = tomllib.loads(questions._FILE.read_text("utf-8"))


@pytest.mark.parametrize(
    ("message", "language"),
    [
        *(
            (text, "ja")
            for text in ("なぜですか", "なぜ?", "どうしてですか。", "それはなぜですか？", "何で", "理由は何ですか")
        ),
        *(
            (text, "en")
            for text in ("why?", "Why is that?", "and why", "How come?!", "what's the reason for that", "WHY")
        ),
    ],
)
def test_why_is_read(message: str, language: str) -> None:
    assert read_follow_up(message, language) == FollowUp("why")


@pytest.mark.parametrize(
    ("message", "language"),
    [
        *(
            (text, "ja")
            for text in ("もっと詳しく", "詳しく教えてください。", "詳細は?", "続きは", "全文を見せてください")
        ),
        *((text, "ja") for text in ("ほかにはありますか", "もう少し詳しく説明してください")),
        *((text, "en") for text in ("tell me more", "More details please.", "can you explain that further?", "go on")),
        *((text, "en") for text in ("Could you elaborate?", "the full text, please", "what else?", "in more detail")),
    ],
)
def test_more_is_read(message: str, language: str) -> None:
    assert read_follow_up(message, language) == FollowUp("more")


@pytest.mark.parametrize(
    ("message", "language", "number"),
    [
        ("2番目は?", "ja", 2),
        ("２つ目は何ですか", "ja", 2),
        ("三番目について", "ja", 3),
        ("では、1は?", "ja", 1),
        ("最後は", "ja", 0),
        ("最後の項目は何ですか", "ja", 0),
        ("最後のやつ", "ja", 0),
        ("②", "ja", 2),
        ("9番", "ja", 9),
        ("the second one", "en", 2),
        ("And the 3rd?", "en", 3),
        ("what about number 2", "en", 2),
        ("what's the last one?", "en", 0),
        ("item 5", "en", 5),
        ("Explain the fourth exception", "en", 4),
        ("SEVEN", "en", 7),
    ],
)
def test_number_of_an_item_is_read(message: str, language: str, number: int) -> None:
    assert read_follow_up(message, language) == FollowUp("nth", number=number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_that_is_understood_has_a_value(language: str) -> None:
    numbers = _TABLES[language]["numbers"]
    asked = [f"{number}" if language == "en" else f"{number}は" for number in numbers]
    assert [read_follow_up(one, language) for one in asked] == [FollowUp("nth", number=one) for one in numbers.values()]


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("0番目は?", "ja"),  # 0 stands for the last one inside, nobody calls it so
        ("10番目は?", "ja"),
        ("item 0", "en"),
        ("item 12", "en"),
        # "ı" matches "i" where case is ignored, and stands in no table.
        ("fırst", "en"),
        ("the sİxth one", "en"),
        ("二十番", "ja"),
    ],
)
def test_other_numbers_are_no_items(message: str, language: str) -> None:
    found = read_follow_up(message, language)
    assert found is None or found.kind != "nth"


@pytest.mark.parametrize(
    ("message", "language", "rest"),
    [
        ("では電話番号は?", "ja", "電話番号"),
        ("それでは、生年月日はどうですか", "ja", "生年月日"),
        ("じゃあヤマトの場合は", "ja", "ヤマト"),
        ("電話番号は?", "ja", "電話番号"),
        ("メールアドレスも同じですか？", "ja", "メールアドレス"),
        ("あと住所についても", "ja", "住所"),
        ("And what about my phone number?", "en", "my phone number"),
        ("how about DHL then", "en", "DHL"),
        ("what if it's the police?", "en", "the police"),
        ("and the police?", "en", "the police"),
        ("or Yamato, too", "en", "Yamato,"),
        ("Same for my e-mail?", "en", "my e-mail"),
        ("OK, and my birthday as well?", "en", "my birthday"),
    ],
)
def test_another_thing_of_the_same_question_is_read(message: str, language: str, rest: str) -> None:
    found = read_follow_up(message, language)
    assert found == FollowUp("same", rest=rest)


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("電話番号を第三者に渡しますか", "ja"),
        ("個人情報は何に使いますか?", "ja"),
        ("退会したいです", "ja"),
        ("なぜ電話番号が必要ですか", "ja"),
        ("詳しい住所を渡しますか", "ja"),
        ("", "ja"),
        ("。。。", "ja"),
        ("👍", "ja"),
        # Courtesies end like a topic (こんにち-は) and follow on from nothing.
        ("こんにちは", "ja"),
        ("こんばんは。", "ja"),
        ("では、よろしくお願いします", "ja"),
        ("Do you sell my data?", "en"),
        ("and do you sell it", "en"),
        ("Also, can I delete it?", "en"),
        ("Why do you need my phone number?", "en"),
        ("and thank you", "en"),
        ("one more thing: where is my parcel", "en"),
        ("", "en"),
        ("?!", "en"),
    ],
)
def test_message_that_stands_on_its_own_is_no_follow_up(message: str, language: str) -> None:
    assert read_follow_up(message, language) is None


@pytest.mark.parametrize(("opening", "language"), [("では", "ja"), ("what about ", "en")])
def test_long_message_stands_on_its_own(opening: str, language: str) -> None:
    longest = "x" * LONGEST_FOLLOW_UP[language]
    assert read_follow_up(f"{opening}{longest}", language) == FollowUp("same", rest=longest)
    assert read_follow_up(f"{opening}{longest}x", language) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_brief_is_what_is_as_short_as_a_follow_up(language: str) -> None:
    limit = LONGEST_FOLLOW_UP[language]
    assert is_brief("x" * limit, language)
    assert not is_brief("x" * (limit + 1), language)
    assert is_brief(f"{' ' * 99}x", language)


@pytest.mark.parametrize(
    ("message", "language", "parts"),
    [
        ("氏名は集めますか?DHLに渡しますか?", "ja", ["氏名は集めますか?", "DHLに渡しますか?"]),
        ("氏名は集めますか。 第三者に渡しますか。", "ja", ["氏名は集めますか。", "第三者に渡しますか。"]),
        ("何を集めますか、それと誰に渡しますか", "ja", ["何を集めますか", "誰に渡しますか"]),
        (
            "何を集めますか\n\n誰に渡しますか\nいつ消しますか",
            "ja",
            ["何を集めますか", "誰に渡しますか", "いつ消しますか"],
        ),
        ("What do you collect? Who gets it?", "en", ["What do you collect?", "Who gets it?"]),
        ("What do you collect, and who gets it?", "en", ["What do you collect", "who gets it?"]),
        ("Do you sell it\nwhere is it kept", "en", ["Do you sell it", "where is it kept"]),
        # Courtesies ask nothing and hide no second question.
        (
            "こんにちは。氏名は集めますか?電話番号は集めますか?よろしくお願いいたします。",
            "ja",
            ["氏名は集めますか?", "電話番号は集めますか?"],
        ),
        (
            "Hello there! What do you collect? Who gets it? Thank you very much.",
            "en",
            ["What do you collect?", "Who gets it?"],
        ),
    ],
)
def test_questions_of_a_message_are_taken_apart(message: str, language: str, parts: list[str]) -> None:
    assert split_questions(message, language).texts == tuple(parts)


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("氏名は集めますか?", "ja"),
        # A plea is part of the question before it, not one the policy has no answer to.
        ("個人情報を誰に渡しますか?教えてください。", "ja"),
        ("個人情報を誰に渡しますか?本当ですか?", "ja"),
        ("DHLに渡しますか?ご回答をお願いします。", "ja"),
        ("Does DHL get my phone? Can you tell me?", "en"),
        ("Does DHL get my phone? Please let me know.", "en"),
        ("Do you sell my data? Is that right?", "en"),
        # A story around one question is not cut up.
        ("昨日注文しました。母が心配しています。電話番号は誰に渡りますか?", "ja"),
        ("I moved last year. My mother worries. Who gets my address?", "en"),
        # Exclamations are no questions of their own.
        ("え?電話番号を渡すんですか?", "ja"),
        ("Really? You give away my phone number?", "en"),
        # An address in the message is not cut.
        ("https://example.com/page?id=1 に個人情報は出ますか?", "ja"),
        ("Is my data on https://example.com/page?id=1&b=2 too?", "en"),
        # Four questions are a letter, to be read as a whole.
        ("何を集めますか?誰に渡しますか?いつ消しますか?どこに置きますか?", "ja"),
        ("What is kept? Who gets it? Where is it? When is it deleted?", "en"),
        ("", "ja"),
        ("???", "ja"),
        (" \n ", "en"),
    ],
)
def test_message_with_one_question_stays_whole(message: str, language: str) -> None:
    assert split_questions(message, language) == Parts((message,))


@pytest.mark.parametrize(
    ("message", "language", "apart"),
    [
        ("何を集めますか?あと、いつ消しますか?", "ja", True),
        ("何を集めますか、それと誰に渡しますか", "ja", True),
        ("何を集めますか?いつ消しますか?", "ja", False),
        ("What do you collect? Also, who gets it?", "en", True),
        ("What do you collect? Who gets it?", "en", False),
        # Two halves of one sentence may be one question.
        ("Can I see it and can I change it?", "en", False),
    ],
)
def test_questions_are_apart_when_the_message_says_so(message: str, language: str, apart: bool) -> None:
    parts = split_questions(message, language)
    assert len(parts.texts) == 2
    assert parts.apart == apart


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["", "?", " ? ? ?", "か", "かか、それと", "and and and", "\n", "。", "そしてそして?" * 3]
)
def test_parts_are_never_empty(text: str, language: str) -> None:
    assert all(part or part == text for part in split_questions(text, language).texts)


@settings(max_examples=200, deadline=None)
@given(
    message=st.one_of(
        st.text(max_size=80),
        st.lists(
            st.sampled_from(_PIECES),
            max_size=8,
        ).map("".join),
    ),
    language=st.sampled_from(LANGUAGES),
)
def test_any_message_is_read(message: str, language: str) -> None:
    found = read_follow_up(message, language)
    if found:
        assert found.kind in {"same", "why", "more", "nth"}
        assert bool(found.rest) == (found.kind == "same")
        assert found.rest in normalise(message)
        assert 0 <= found.number <= 9
    parts = split_questions(message, language)
    assert parts == Parts((message,)) or 2 <= len(parts.texts) <= MOST_QUESTIONS
    if len(parts.texts) > 1:
        assert all(part and part in normalise(message) for part in parts.texts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "piece",
    [
        "か",
        "かか、",
        "。",
        "?",
        "では",
        "の",
        "and ",
        "and,",
        "why ",
        "ok, ",
        "can you ",
        "thanks ",
        "教えて",
        "x",
        "😀",
        "1",
    ],
)
def test_long_message_is_read_in_no_time(piece: str, language: str) -> None:
    started = time.perf_counter()
    message = piece * (20_000 // len(piece))
    read_follow_up(message, language)
    split_questions(message, language)
    assert time.perf_counter() - started < 2
