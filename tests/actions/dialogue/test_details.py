"""The answer to the question for details: questions about the desk beside the matter, impatience, thin answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases.records import Draft
from actions.dialogue.details import asks_why, give_all, hesitates, keep_aside, take_details
from actions.dialogue.steps import Heard, Move

STORY = {
    "ja": "苦情です。おたくに登録してから毎日知らない業者から電話が来るようになりました。",
    "en": "I want to complain. I gave this address only to you and now strangers write to me every day.",
}


def _draft(*kinds: str, opening: str = "") -> Draft:
    return Draft(kinds or ("disclosure",), "ja", "1-0", "key", opening=opening)


def _hear(text: str) -> Heard:
    return Heard(text, "nlu_fallback", 0.1)


@pytest.mark.parametrize("kind", ["disclosure", "complaint", "suspension"])
@pytest.mark.parametrize(
    "text",
    [
        "なぜ内容が必要なんですか",
        "ここに書いたことは誰が読みますか？",
        "書いた内容はいつまで保管されますか",
        "いくらかかるんですか",
        "お金かかります？",
        "どのくらい時間がかかりますか",
        "これって人が読むの？",
        "ここに書いて大丈夫ですか",
        "返事はいつもらえますか？",
        "何を書けばいいですか？",
        "本人確認って何するの？",
        "これ、どなたが読まはりますやろ",
        "うちの情報、売ってへんよね？",
        "ここに入力した内容はほかに使われませんか",
        "情報を第三者に売ったりしてますか",
        "どこまで詳しく書けばいいの？",
        "why do you need this?",
        "For what reason do you require my details?",
        "who is going to read this",
        "Who reads what I write here?",
        "how long do you keep what I tell you?",
        "Is there a fee?",
        "how much does it cost",
        "do u sell my info",
        "will a human look at this?",
        "What should I write?",
        "how long will it take?",
        "do you guys share my data with anyone?",
        "Is it safe to write here?",
        "when will i get an answer",
        "what do you need from me exactly?",
    ],
)
def test_a_question_about_the_desk_is_answered_whatever_the_request(kind: str, text: str) -> None:
    step = take_details(_draft(kind, opening="x"), _hear(text))
    assert step.move in {Move.ANSWER, Move.EXPLAIN}
    assert (step.draft.fields, step.draft.opening) == ({}, "x")


@pytest.mark.parametrize(
    "text",
    [
        "その前に一つ質問。会員カードの番号は何に使ってるんですか？",
        "すみません、確認したいことがあって、海外にも送られているんですか",
        "Sorry, quick question: were the cookies always there?",
        "For how many years do you hold it, please tell me",
    ],
)
def test_a_question_that_is_announced_is_answered(text: str) -> None:
    assert take_details(_draft("suspension"), _hear(text)).move is Move.ANSWER
    assert take_details(_draft("complaint"), _hear("質問です。なぜ私の番号が漏れたんですか")).draft.fields["details"]


def test_a_question_of_the_policy_is_answered_though_it_sounds_as_of_what_was_done() -> None:
    text = "アプリでは何を記録しているんですか"
    assert take_details(_draft("purpose_notice"), Heard(text, "ask_policy", 0.9)).move is Move.ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "なぜ勝手に私の住所を他の会社に教えたんですか",
        "どうして断ったのに会員登録したんですか？",
        "なんで私の電話番号を店員が知ってるんですか",
        "Why did you give my address to another company?",
        "How come your clerk knew my birthday?",
        "who told my neighbour that I bought there?",
        "誰が私の情報を漏らしたんですか？",
        "Why was my order sent to my ex-husband with all my details?",
        "誰が私の住所を見たんですか？",
    ],
)
def test_a_question_about_what_was_done_is_the_matter(text: str) -> None:
    step = take_details(_draft("complaint"), _hear(text))
    assert step.draft.fields["details"] == text


@pytest.mark.parametrize(
    "text", ["私の購入履歴は何年分残っていますか？", "What did you record about my visits in 2023?"]
)
def test_a_question_about_own_data_is_the_matter_of_a_disclosure(text: str) -> None:
    assert take_details(_draft(), Heard(text, "ask_policy", 0.9)).draft.fields["details"] == text


@pytest.mark.parametrize(
    "text",
    [
        "責任者出せ",
        "早くしろ",
        "いいかげんにしろよ",
        "これで3回目だ",
        "ちゃんと対応してくださいね",
        "ごまかすなよ",
        "逃げるなよ、ちゃんと答えろ",
        "もう限界です",
        "とにかく早く",
        "上の人間を呼べ",
        "本気で怒ってます",
        "何度も言わせるな",
        "Don't give me excuses.",
        "I want your manager.",
        "Hurry up.",
        "This is the third time!",
        "Do not ignore me",
        "I'm fed up with you people",
        "No more excuses",
        "sort it out now",
        "I expect an answer",
        "Get me someone who is in charge",
        "その通りです、急ぎで",
    ],
)
def test_little_is_added_to_first_words_that_tell_the_matter(text: str) -> None:
    story = STORY["en" if text.isascii() else "ja"]
    step = take_details(_draft("complaint", opening=story), _hear(text))
    assert step.draft.fields["details"] == f"{story}\n{text}"
    assert step.draft.asked == "name"


@pytest.mark.parametrize(
    "text",
    [
        "責任者出せ",
        "早くしろ",
        "Don't fob me off",
        "I want your manager.",
        "もう限界です",
        "This is the third time!",
        "早くしてください",
        "hurry up",
    ],
)
def test_mere_impatience_is_kept_and_details_are_asked_once_more(text: str) -> None:
    first = take_details(_draft("complaint", opening="苦情です"), _hear(text))
    assert (first.move, first.draft.asked, first.notes) == (Move.ASK, "details", ("kept",))
    assert first.draft.opening == f"苦情です\n{text}"
    again = take_details(first.draft, _hear(text))
    assert again.draft.fields["details"] == text


@pytest.mark.parametrize(
    "text",
    [
        "ここで相談を受け付けてもらえるならお願いします",
        "受け付けてもらえるなら頼みます",
        "こちらで聞いていただけるのでしたらお願いします",
        "if you can take it here, please do",
    ],
)
def test_who_asks_to_be_heard_here_is_asked_for_the_matter(text: str) -> None:
    step = take_details(_draft("complaint", opening=STORY["ja"]), _hear(text))
    assert (step.draft.asked, step.draft.fields) == ("details", {})
    assert text in step.draft.opening


@pytest.mark.parametrize("text", ["購入履歴だけ", "all of it", "住所と電話番号", "my orders from 2020"])
def test_a_short_answer_is_the_details_when_the_first_words_only_name_the_right(text: str) -> None:
    step = take_details(_draft(opening="登録情報を開示してください"), _hear(text))
    assert step.draft.fields["details"] == text


def test_details_are_asked_when_only_a_right_and_a_person_are_named() -> None:
    opening = "第三者提供を停止してもらう手続きがしたいのですが"
    step = take_details(_draft(opening=opening), _hear("山田 花子、hanako@example.com"))
    assert step.draft.fields == {"name": "山田 花子", "email": "hanako@example.com"}
    assert step.draft.asked == "details"


def test_values_are_kept_beside_those_that_are_there() -> None:
    step = give_all(_draft().give("name", "山田花子"), {"name": "山口", "phone": "03-0000-0000"}, "corrected")
    assert step.draft.fields == {"name": "山田花子", "phone": "03-0000-0000"}
    assert (step.draft.asked, step.notes) == ("details", ("corrected",))
    assert keep_aside(_draft(), "x").opening == "x"


def test_hesitation_and_reasons_are_told_from_values() -> None:
    assert hesitates("ちょっと待って")
    assert not hesitates(
        "待っていたのに返事がなく、電話もつながらず、三か月も放っておかれた話をこれから書きますから読んでください"
    )
    assert asks_why(_hear("なぜですか"))
    assert not asks_why(_hear("住所です"))


@given(st.text(), st.sampled_from(["complaint", "disclosure", "purpose_notice"]), st.sampled_from(list(STORY.values())))
def test_nothing_is_lost(text: str, kind: str, opening: str) -> None:
    step = take_details(_draft(kind, opening=opening), _hear(text))
    assert opening in step.draft.opening
    assert step.move in {Move.ANSWER, Move.EXPLAIN, Move.WAIT, Move.AGAIN} or step.draft != _draft(
        kind, opening=opening
    )


def test_what_a_quoted_line_asks_is_not_asked() -> None:
    text = "> What is it about?\nThe account I opened for the fleece gilet. I order from the catalogue now."
    step = take_details(_draft("suspension"), _hear(text))
    assert step.draft.fields["details"] == text


def test_who_looks_for_something_is_waited_for() -> None:
    text = "Please give me one moment, let me look for my order number."
    assert take_details(_draft(), _hear(text)).move is Move.WAIT
    assert not hesitates("I was told to wait for it, and to wait again, and that is what I complain about.")


def test_who_gives_fields_first_is_asked_for_the_matter_again() -> None:
    text = "細けえ話は後だ、まず電話な。電話は090-0000-0034。"
    step = take_details(_draft("correction", opening="住所の訂正だ"), _hear(text))
    assert step.draft.fields == {"phone": "090-0000-0034"}
    assert step.draft.asked == "details"


def test_names_that_are_the_matter_are_nobodys_who_writes() -> None:
    text = "はこに かいてある なまえは グエン・ティ・ハ です。でも ほんとうは グエン・ティ・ホア です"
    assert take_details(_draft("correction"), _hear(text)).draft.fields == {"details": text}
