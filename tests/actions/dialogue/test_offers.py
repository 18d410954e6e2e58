"""An offer is taken up by a yes in any form, and by nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.offers import Offer, accept, join_opening
from actions.dialogue.reading import Readers

ONE = Offer(("suspension",), "退会したいのですがどうすればいいですか")
TWO = Offer(("correction", "suspension"), "マイページで何ができますか")


@pytest.mark.parametrize(
    "text",
    [
        "はい",
        "お願いします",
        "ここで受け付けてもらえるならお願いします",
        "じゃあここでお願いします",
        "この窓口でやってもらえますか",
        "それで進めてください",
        "うん、頼む",
        "ほな、ここでやってや",
        "できるならやって",
        "では手続きをお願いできますか",
        "ぜひ",
        "ＯＫ、お願い",
        "はい、この窓口で請求します",
        "それ、お願いしたいです",
        "こちらで承っていただけるのでしたら、ぜひお願い申し上げます",
        "👍",
        "ここでできるならそうして",
        "では、そのようにお願いいたします",
        "おねがい しまーす",
        "頼んます",
        "いま申し込みたいです",
        "その手続き、します",
        "はい、やります",
        "じゃあやる",
        "はい、ここで相談させてください",
        "受け付けてくれるなら頼むわ",
        "そちらで聞いてもらえるならお願いしたいです",
        "じゃあここに書きます",
        "こちらでお願いしたく存じます",
        "yes",
        "yes please",
        "ok do it here",
        "Then please do it here.",
        "please go ahead",
        "If you can take it here, please do",
        "sure, let's do that",
        "I'd like to do it here",
        "can you do it here?",
        "yep start it",
        "please make this request for me",
        "Yes, I want to make the request.",
        "do it pls",
        "That would be great, please.",
        "I would like that",
        "ok start",
        "Let us do it here then",
        "could you take it for me please",
        "お願いします。北村 紗英、sae.kitamura@example.com です",
        "I'm Joan Peel, joan.peel@example.com",
    ],
)
def test_an_offer_is_taken_up_by_a_yes_in_any_form(text: str) -> None:
    assert accept(ONE, text, Readers()) == ("suspension",)


@pytest.mark.parametrize(
    "text",
    [
        "いいえ",
        "結構です",
        "大丈夫です",
        "ありがとうございました",
        "わかりました、ありがとう",
        "まだいいです",
        "なるほど",
        "考えます",
        "いや、いいです",
        "他の方法はありますか",
        "no",
        "no thanks",
        "thanks!",
        "ok thank you",
        "not now",
        "I see",
        "maybe later",
        "is there a fee?",
        "ok got it, thanks",
        "登録情報を開示してください",
    ],
)
def test_an_offer_is_not_taken_up_by_thanks_a_no_a_question_or_another_wish(text: str) -> None:
    assert accept(ONE, text, Readers()) == ()


def test_what_was_said_picks_among_several_kinds() -> None:
    assert accept(TWO, "はい、退会をお願いします", Readers()) == ("suspension",)
    assert accept(Offer(TWO.kinds, "退会するには?"), "はい", Readers()) == ("suspension",)
    assert accept(TWO, "はい", Readers()) == TWO.kinds


@pytest.mark.parametrize("text", ["いや、やめるのをやめて続けてください", "no wait, let's carry on"])
def test_what_was_stopped_is_gone_on_with(text: str) -> None:
    """All of it, and nothing of what was said of going on is the matter."""
    stopped = Offer(("disclosure", "suspension"), is_stopped=True)
    assert accept(stopped, text, Readers()) == ("disclosure", "suspension")
    assert join_opening(stopped, text) == ""


@pytest.mark.parametrize("text", ["どうも", "ok thanks, bye", "住所の訂正をお願いします", "はい", "yes", "ok", "Yes!"])
def test_what_was_stopped_stays_so(text: str) -> None:
    """A late yes begins nothing anew, whatever the reader makes of it."""
    surely = Readers(offers=lambda _: {"accept": 1.0}) if text in {"はい", "yes", "ok", "Yes!"} else Readers()
    assert accept(Offer(("disclosure",), is_stopped=True), text, surely) == ()


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("開示だけお願いします", ("disclosure",)),
        ("Only delete my data, please", ("suspension",)),
        ("let's go on, but only with the copy of my data", ("disclosure",)),
    ],
)
def test_what_was_stopped_may_be_gone_on_with_in_part(text: str, kinds: tuple[str, ...]) -> None:
    stopped = Offer(("disclosure", "suspension"), is_stopped=True)
    assert accept(stopped, text, Readers(offers=lambda _: {"accept": 1.0})) == kinds


@pytest.mark.parametrize(
    ("offer", "text"),
    [
        (Offer(("correction",), "登録した住所は訂正できますか?"), "登録住所を横浜市西区1-2-3に訂正してください"),
        (Offer(("correction",), "Can my address be corrected?"), "Please change it to 5 Elm Road, Leeds"),
        (Offer(("suspension",), is_stopped=True), "Please delete my account kumo_22 of the Leeds shop"),
        (Offer(("suspension",), is_stopped=True), "東京店のカードの情報だけ消してください"),
    ],
)
def test_nothing_but_a_yes_is_left_out_of_the_opening(offer: Offer, text: str) -> None:
    assert join_opening(offer, text) == f"{offer.question}\n{text}".strip()


@pytest.mark.parametrize("text", ["もっと詳しく", "その条文を見せてください", "please explain", "show me the clause"])
def test_a_question_that_offered_nothing_is_followed_up_without_a_request(text: str) -> None:
    implied = Offer(("third_party_stop",), "第三者に提供しますか", is_implied=True)
    assert accept(implied, text, Readers(offers=lambda _: {"accept": 1.0})) == ()


def test_what_was_asked_about_is_taken_up_whatever_answered_it() -> None:
    asked = Offer(("disclosure",), "Is it possible to have my data deleted?")
    assert accept(asked, "yes please", Readers()) == ("suspension",)
    both = Offer(("disclosure",), "Can I see my data, and have it deleted?")
    assert accept(both, "yes please", Readers()) == ("disclosure",)


def test_nothing_is_taken_up_when_nothing_was_offered() -> None:
    assert accept(Offer(), "はい", Readers()) == ()


def test_what_was_asked_stays_the_opening() -> None:
    assert join_opening(ONE, "はい") == ONE.question
    more = "お願いします。北村 紗英、sae.kitamura@example.com です"
    assert join_opening(ONE, more) == f"{ONE.question}\n{more}"
    assert join_opening(Offer(("suspension",)), "はい") == "はい"


@given(st.text())
def test_only_what_was_offered_is_taken_up(text: str) -> None:
    assert set(accept(TWO, text, Readers())) <= set(TWO.kinds)
