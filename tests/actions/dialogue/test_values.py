"""Answers to the questions: whatever a message holds is kept as what it is, and nothing is lost."""

from __future__ import annotations

import pytest

from actions.cases.records import FIELDS, Draft
from actions.dialogue.phrases import says
from actions.dialogue.steps import Heard, Move, Step
from actions.dialogue.values import is_long, take_value

GIVEN = {"details": "住所", "name": "山田花子", "email": "hanako@example.com", "phone": "03-0000-0000"}
OPENING = "2021年からの購入履歴をすべて開示してください"


def _draft(asked: str, kinds: tuple[str, ...] = ("disclosure",), opening: str = "") -> Draft:
    fields = {name: GIVEN[name] for name in FIELDS[: FIELDS.index(asked)]}
    return Draft(kinds, "ja", "1-0", "key", asked, fields, opening=opening)


def _hear(text: str, intent: str = "nlu_fallback", confidence: float = 0.2) -> Heard:
    return Heard(text, intent, confidence)


def test_an_address_is_kept_when_the_name_is_asked_for() -> None:
    step = take_value(_draft("name"), _hear("hanako@example.com"))
    assert (step.move, step.draft.asked) == (Move.ASK, "name")
    assert step.draft.fields["email"] == "hanako@example.com"


def test_a_number_is_kept_when_the_address_is_asked_for() -> None:
    step = take_value(_draft("email"), _hear("電話は090-0000-0088です"))
    assert (step.draft.asked, step.draft.fields["phone"]) == ("email", "090-0000-0088")


def test_no_telephone_is_remembered_when_the_address_is_asked_for() -> None:
    step = take_value(_draft("email"), _hear("電話はなしで"))
    assert (step.draft.asked, step.draft.fields["phone"]) == ("email", "")


def test_a_story_is_added_to_the_details_when_the_name_is_asked_for() -> None:
    text = "ちなみに新住所は横浜市の青葉区で、旧住所は川崎市の麻生区です"
    step = take_value(_draft("name"), _hear(text))
    assert (step.move, step.draft.asked, step.notes) == (Move.ASK, "name", ("details_added",))
    assert step.draft.fields == {"details": f"住所\n{text}"}


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("hanako at example.com", "mail_at"),
        ("hanakoアットマークexample", "mail_at"),
        ("hanako@", "mail_domain"),
        ("a@example.com b@example.com", "mail_many"),
    ],
)
def test_a_hint_is_given_when_an_address_cannot_be_read(text: str, note: str) -> None:
    step = take_value(_draft("email"), _hear(text))
    assert (step.move, step.notes, step.draft.misses) == (Move.AGAIN, (note,), 1)
    assert "email" not in step.draft.fields


def test_a_slip_is_asked_about_and_never_changed() -> None:
    step = take_value(_draft("email"), _hear("hanako@gmial.com"))
    assert (step.draft.fields["email"], step.notes) == ("hanako@gmial.com", ("slip",))


@pytest.mark.parametrize(
    "text",
    ["電話はええわ", "もうかけてくんな。電話は教えない", "I'd rather not", "mail only please", "none of your business"],
)
def test_the_telephone_is_left_out_in_whatever_words(text: str) -> None:
    assert take_value(_draft("phone"), _hear(text)).draft.fields["phone"] == ""


@pytest.mark.parametrize("text", ["さっき書いた通りです", "上記のとおり", "as I wrote above", "特にない", "はい"])
def test_the_first_words_are_the_details_when_somebody_points_to_them(text: str) -> None:
    step = take_value(_draft("details", opening=OPENING), _hear(text))
    assert (step.draft.fields, step.draft.asked) == ({"details": OPENING}, "name")


def test_the_first_words_are_the_details_when_only_other_fields_are_given() -> None:
    step = take_value(_draft("details", opening=OPENING), _hear("山田 花子です。hanako@example.com"))
    assert step.draft.fields == {"details": OPENING, "name": "山田 花子", "email": "hanako@example.com"}


def test_what_is_said_besides_is_kept_when_somebody_points_to_the_first_words() -> None:
    text = "Like I said above. And I want to know how that could happen."
    step = take_value(_draft("details", opening="medical stockings"), _hear(text))
    assert step.draft.fields["details"] == f"medical stockings\n{text}"


@pytest.mark.parametrize("text", ["さっき書いた通りです", "特にない", "はい"])
def test_details_are_asked_again_when_there_is_nothing_to_point_to(text: str) -> None:
    step = take_value(_draft("details"), _hear(text))
    assert (step.move, step.draft.fields) == (Move.AGAIN, {})


@pytest.mark.parametrize(
    ("kinds", "text", "move"),
    [
        (("disclosure",), "未成年の情報はどう扱ってます？", Move.ANSWER),
        (("suspension",), "電話番号って言わないとだめですか？", Move.EXPLAIN),
        (("disclosure",), "退会したのに広告が届くのはなぜ?", Move.ASK),  # that is the matter
        (("disclosure",), "私の何を持っていますか？", Move.ASK),
        (("purpose_notice",), "誕生日は何に使っていますか？", Move.ASK),
        (("complaint",), "誰が私の住所を見たんですか？", Move.ASK),
    ],
)
def test_a_question_is_told_from_the_matter_in_the_details(kinds: tuple[str, ...], text: str, move: Move) -> None:
    step = take_value(_draft("details", kinds), _hear(text))
    assert step.move is move
    assert step.draft.fields == ({"details": text} if move is Move.ASK else {})


def test_what_stands_beside_a_question_is_kept_with_the_first_words() -> None:
    text = "will anybody phone me about this? please don't, he might hear it"
    step = take_value(_draft("details", ("suspension",), "gone"), _hear(text))
    assert (step.move, step.draft.fields, step.draft.opening) == (Move.ANSWER, {}, f"gone\n{text}")


@pytest.mark.parametrize("text", ["案内メールをもう送らないでください", "Please don't send me the catalogue"])
def test_what_shall_not_be_sent_is_the_matter_where_it_is_asked_for(text: str) -> None:
    step = take_value(_draft("details", ("suspension",)), _hear(text))
    assert (step.move, step.draft.fields) == (Move.ASK, {"details": text})


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("名前んとこ、屋号はいらんわ。辻井 源太郎だけにしといて", None),
        ("申し訳ない、先ほどのメールアドレスを間違えました。正しくは taro@example.com です。", None),
        ("すみません、さっきのメール間違えました", None),
        ("+44 (0)20 7946 0159... no, leave the phone out, no phone", ""),
        ("in the mail it must be hanako.y and not hanako", None),
        ("メールだけでお願いします", ""),
    ],
)
def test_a_telephone_is_left_out_only_where_it_is_spoken_of(text: str, phone: str | None) -> None:
    assert take_value(_draft("phone"), _hear(text)).draft.fields.get("phone") == phone


@pytest.mark.parametrize("asked", FIELDS)
def test_there_is_time_when_somebody_hesitates(asked: str) -> None:
    step = take_value(_draft(asked), _hear("えっと…ちょっと待ってくださいね"))
    assert (step.move, step.draft) == (Move.WAIT, _draft(asked))


def test_the_reason_is_told_when_the_name_is_refused() -> None:
    assert take_value(_draft("name"), _hear("しつこいな、名前なんかいるのかよ")).move is Move.EXPLAIN


def test_words_are_long_when_they_tell_something() -> None:
    assert is_long("新しい住所は横浜市の青葉区のほうになります")
    assert not is_long("うーん")
    assert not is_long("no idea, sorry")
    assert not is_long("鵜飼 https://example.com/a-rather-long-address")


def _repeat(asked: str, text: str, times: int, intent: str = "nlu_fallback", confidence: float = 0.2) -> list[Step]:
    steps, draft = [], _draft(asked)
    for _ in range(times):
        steps.append(take_value(draft, _hear(text, intent, confidence)))
        draft = steps[-1].draft
        if draft.asked != asked:
            break
    return steps


NO_NUMBER = [
    "電話は要らんじゃろ",
    "なｓい",
    "そんなの教えたくねえ",
    "固定電話解約したけん、なかとよ",
    "電話ないけん",
    "もっとらん",
    "かけてこんでええ",
    "それは ちょっと…",
    "ひみつ",
    "メールがあるやろ",
    "電話恐怖症なので",
    "さあ",
    "てすと",
    "やだ",
    "耳が聞こえないので電話は使えません",
    "この項目は空で",
    "電話機が壊れてる",
    "はい",
    "No fone",
    "dont have",
    "not willing to share",
    "i am deaf so mail pls",
    "nah mate",
    "private",
    "i hate phones",
    "mail me instead",
]


@pytest.mark.parametrize("text", NO_NUMBER)
@pytest.mark.parametrize(("intent", "confidence"), [("nlu_fallback", 0.2), ("ask_policy", 0.9)])
def test_the_telephone_never_blocks(text: str, intent: str, confidence: float) -> None:
    last = _repeat("phone", text, 2, intent, confidence)[-1]
    assert (last.move, last.draft.fields["phone"]) == (Move.REVIEW, "")


def test_it_is_said_when_the_telephone_is_left_out_unasked() -> None:
    first, second = _repeat("phone", "さあ", 2)
    assert (first.move, first.notes) == (Move.AGAIN, ())
    assert (second.move, second.notes) == (Move.REVIEW, ("phone_skipped",))


def test_digits_that_are_no_number_are_asked_for_twice_and_kept() -> None:
    first, second, third = _repeat("phone", "110", 3)
    assert [first.move, second.move, third.move] == [Move.AGAIN, Move.AGAIN, Move.REVIEW]
    assert (third.draft.fields["phone"], third.draft.fields["details"]) == ("", "住所\n110")


@pytest.mark.parametrize("text", ["電話番号は何に使うの?", "why do you need my phone", "誰が電話を見るのか知りたい"])
def test_a_question_at_the_telephone_is_no_refusal(text: str) -> None:
    steps = _repeat("phone", text, 3, "ask_policy", 0.9)
    assert {step.move for step in steps} <= {Move.ANSWER, Move.EXPLAIN}
    assert "phone" not in steps[-1].draft.fields


def test_a_name_that_cannot_be_read_is_taken_as_typed_the_third_time() -> None:
    steps = _repeat("name", "登録のままのやつ", 3)
    assert [step.move for step in steps] == [Move.AGAIN, Move.AGAIN, Move.ASK]
    assert steps[-1].draft.fields["name"] == "登録のままのやつ"


@pytest.mark.parametrize("text", ["はい", "なし", "12345", "@@@", "!!"])
def test_what_can_be_no_name_is_none_however_often(text: str) -> None:
    assert "name" not in _repeat("name", text, 4)[-1].draft.fields


NO_MAIL = [
    "メールアドレスは持っていません",
    "メールはやってない",
    "なし",
    "メールは使わんけん",
    "教えたくない",
    "アドレスなんてもってへん",
    "メールしないんですよ、年寄りなもので",
    "電話だけにして",
    "手紙でお願いしたい",
    "メールは解約した",
    "メアドなし",
    "メールわからん",
    "スマホがないのでメールは見られません",
    "パソコンも携帯も持っていないのでメールはできません",
    "no email",
    "none",
    "I don't have an email address",
    "I don't use e-mail",
    "rather not give my mail",
    "no mail, only phone",
    "i wont give my email",
    "Can't do email, sorry",
]


@pytest.mark.parametrize("text", NO_MAIL)
def test_other_ways_are_told_when_the_mail_address_is_declined(text: str) -> None:
    step = take_value(_draft("email"), _hear(text))
    assert (step.move, step.draft.asked, step.notes[:1]) == (Move.ASK, "email", ("mail_needed",))
    assert {"name", "details"} <= step.draft.fields.keys()


def test_a_story_told_twice_is_no_news() -> None:
    text = "ちなみに新住所は横浜市の青葉区で、旧住所は川崎市の麻生区です"
    first, second = _repeat("email", text, 2)
    assert (first.notes, second.notes) == (("details_added",), ())
    assert (second.move, second.draft.misses) == (Move.AGAIN, 2)


@pytest.mark.parametrize(
    "text",
    [
        "なしでいいですか。",
        "電話はまだ日本の番号がないです。なしでいいですか。",
        "空欄でも大丈夫でしょうか",
        "can i skip it?",
        "is it ok to leave it blank?",
    ],
)
def test_asking_to_leave_the_telephone_out_leaves_it_out(text: str) -> None:
    assert says(text, "no_phone_asked")
    assert not says("Why do you need it?", "no_phone_asked")


@pytest.mark.parametrize("text", ["電話なんか誰が教えるか", "教えるわけないだろ"])
def test_a_rhetorical_question_leaves_the_telephone_out(text: str) -> None:
    step = take_value(_draft("phone"), _hear(text))
    assert (step.move, step.draft.fields["phone"]) == (Move.REVIEW, "")


def test_a_name_that_is_corrected_beside_a_number_is_kept_with_it() -> None:
    text = "電話は 03-0000-0021 どす。あ、それから名前は山田花子やのうて、山田華子にしとくれやす。"
    step = take_value(_draft("phone"), _hear(text))
    assert (step.draft.fields["name"], step.draft.fields["phone"]) == ("山田華子", "03-0000-0021")
    assert step.notes == ("corrected",)


def test_a_question_before_a_refusal_is_answered() -> None:
    step = take_value(
        _draft("phone"), _hear("Will this number be used for advertising? I will not have that.", "ask_policy")
    )
    assert "phone" not in step.draft.fields


def test_who_waits_at_a_traffic_light_is_not_called_so() -> None:
    step = take_value(_draft("name"), _hear("今信号待ち、ちょい待って"))
    assert (step.move, step.draft.fields.get("name")) == (Move.WAIT, None)
