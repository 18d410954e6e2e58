"""The review and its neighbours: what takes leave, what sends, what adds, and what only looks like another wish."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.cases.records import FIELDS, Draft
from actions.dialogue.corrections import find_new_values
from actions.dialogue.fields import read_email
from actions.dialogue.intake import Heard, Move, decide
from actions.dialogue.names import read_name
from actions.dialogue.offers import Offer, accept
from actions.dialogue.reading import Readers, weigh_kinds
from actions.dialogue.steps import CONFIRMATION
from actions.dialogue.wishes import Change, hear_change

GIVEN = dict(zip(FIELDS, ("カタログを止めてほしい", "山田花子", "hanako@example.com", "03-0000-0000"), strict=True))
REVIEW = Draft(("suspension",), "ja", "1-0", "key", CONFIRMATION, GIVEN, opening="カタログを止めてください")
YES, CANCEL = {"yes": 0.9, "cancel": 0.0, "wait": 0.0}, {"yes": 0.3, "cancel": 0.6, "wait": 0.0}


def hear(text: str, **known: object) -> Heard:
    return Heard(text, "nlu_fallback", 0.0, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["Goodnight", "おやすみなさい", "Thank you for your patience, good night.", "また明日"]
)
def test_who_takes_leave_at_the_review_sends_nothing(text: str) -> None:
    assert decide(REVIEW, hear(text, consent=YES)).move is Move.WAIT


@pytest.mark.parametrize(
    "text",
    [
        "はい、おやすみなさい",
        "はい大丈夫です。おやすみなさい",
        "はい、結構です",
        "結構です。お送りください",
        "ほうじゃ、はよ出せえ",
    ],
)
def test_a_yes_in_so_many_words_sends_whatever_the_reader_makes_of_it(text: str) -> None:
    assert decide(REVIEW, hear(text, consent=CANCEL)).move is Move.FILE


def test_thanks_alone_send_nothing() -> None:
    assert decide(REVIEW, hear("Thank you po, God bless", consent=YES)).move is not Move.FILE


def test_a_complaint_is_cancelled_by_its_name() -> None:
    asked = replace(REVIEW, kinds=("complaint",), language="en")
    text = "No po, please don't send. I am scared for trouble, please cancel my complaint"
    assert decide(asked, hear(text, consent=CANCEL)).move is Move.CANCEL


def test_no_thanks_still_sends_nothing() -> None:
    assert decide(REVIEW, hear("今回は結構です", consent=CANCEL)).move is Move.CANCEL


def test_what_is_added_to_the_request_is_no_request_for_correction() -> None:
    text = "内容に書き足してくださる？カタログだけじゃなくて、葉書の案内も止めてほしいの"
    step = decide(REVIEW, hear(text, change=Change(("suspension", "correction"), added=True)))
    assert step.draft.kinds == ("suspension",)
    assert "葉書" in step.draft.fields["details"]


def test_a_request_that_shall_be_corrected_stays_what_it_is() -> None:
    text = "内容を直してください。身長ではなく足のサイズでした"
    step = decide(REVIEW, hear(text, change=Change(("correction",), added=False)))
    assert step.draft.kinds == ("suspension",)


@pytest.mark.parametrize("text", ["教えない", "絶対教えない", "教えたくない。なし"])
def test_a_refused_telephone_is_no_other_wish(text: str) -> None:
    asked = replace(REVIEW, asked="phone", fields={name: GIVEN[name] for name in FIELDS if name != "phone"})
    step = decide(asked, hear(text, change=Change(("third_party_stop",), added=False)))
    assert (step.draft.kinds, step.draft.fields["phone"]) == (("suspension",), "")


@pytest.mark.parametrize(
    ("opening", "text"),
    [
        ("Please stop the paper catalogue", "paper catalogue, cancel it for good"),
        ("SNSの会社に情報流すのやめて", "SNSの会社に買い物の情報流してるやつ。やめて"),
    ],
)
def test_the_matter_is_told_and_not_given_up(opening: str, text: str) -> None:
    asked = Draft(("suspension",), "ja", "1-0", "key", "details", opening=opening)
    assert decide(asked, hear(text)).move is not Move.CANCEL
    assert decide(asked, hear("please cancel it")).move is Move.CANCEL


def test_of_two_kinds_the_one_never_minded_is_given_up() -> None:
    text = "Oh, never mind the complaint, drop that. Just get my surname corrected in your records instead."
    assert hear_change(text, ("complaint", "correction")) == Change(("correction",), added=False)


def test_a_value_that_changes_gives_no_request_up() -> None:
    assert hear_change("名字を星野から相沢に変更と、クーポンのメール停止です", ("correction",), plainly=True) is None


def test_kinds_stand_in_the_order_of_their_parts() -> None:
    def read(text: str) -> dict[str, float]:
        return {"disclosure": float("copy" in text), "suspension": 0.9 * ("wipe" in text), "nothing": 0.0}

    text = "First send me a copy of what you saved, then wipe them. I need both done."
    assert weigh_kinds(text, (), read) == ("disclosure", "suspension")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("えっと…水野ひより、です", "水野ひより"),
        ("わしの名前は加納武だに", "加納武"),
        ("与座海人やさ", "与座海人"),
        ("浜田源三やちゃ", "浜田源三"),
        ("古賀ちづるて言います", "古賀ちづる"),
        ("難しいほうの齋藤結月です", "齋藤結月"),
        ("土方のぞみ", "土方のぞみ"),
        ("緒方のり子です", "緒方のり子"),
        ("比嘉山 拓", "比嘉山 拓"),
        ("Jürgen Vogt with umlaut", "Jürgen Vogt"),
        ("Chief Babs? No, write Babatunde Okereke", "Babatunde Okereke"),
        ("手数料かかりますか？山田花子です", "山田花子"),
        ("したっけ手数料ってかかるんですか？今月バイト代まだなんで", None),
        ("戻りました！給食カレーだったっす", None),
        ("いちいち聞くなよ機械が！どうせ握りつぶすんだろ", None),
        ("今日は雪がちらついて寒うてねえ。あんたも風邪ひかんときまっし", None),
        ("岡林 ひなたやき", "岡林 ひなた"),
        ("本名の宇佐美 蘭です", "宇佐美 蘭"),
        ("Engr. Tunde Akinwale", "Tunde Akinwale"),
        ("いぬかい　よしの", "いぬかい よしの"),
    ],
)
def test_a_name_is_read_without_what_stands_around_it(text: str, name: str | None) -> None:
    assert read_name(text, asked=True) == name


def test_a_name_is_taken_back_whole() -> None:
    asked = Draft(("complaint",), "en", "1-0", "key", "email", {"details": "x", "name": "Robbie"})
    text = "btw for the name put Robert Kaye, not Robbie, that's just the stage thing"
    assert find_new_values(asked, text) == {"name": "Robert Kaye"}


def test_of_two_addresses_the_one_behind_a_no_is_meant() -> None:
    assert read_email("rkaye@example.net, argh no, rkaye@example.org") == "rkaye@example.org"


def test_who_applies_after_a_question_means_what_was_asked_about() -> None:
    readers = Readers(
        openings=lambda text: {"disclosure": 0.3 if "録音" in text else 0.0, "complaint": 0.4, "nothing": 0.7},
        offers=lambda _: {"accept": 0.9},
    )
    asked = Offer((), "電話で相談したときの録音は聞けますか", is_implied=True)
    assert accept(asked, "そうなんですね、では申し込みます", readers) == ("disclosure",)
    assert accept(asked, "そうなんですね", readers) == ()
    assert accept(Offer((), "クッキーは何日残りますか", is_implied=True), "では申し込みます", readers) == ()
