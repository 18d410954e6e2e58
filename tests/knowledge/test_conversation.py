from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.conversation import NOTHING, Context, Resolved, resolve
from knowledge.policy import LANGUAGES, Policy
from knowledge.retriever import Ranking
from tests.knowledge.doubles import ELSEWHERE, SILENT, Scripted, make_bundle, rank

_ADDRESS = Context("DHLに住所は渡りますか", ("entrusted.1.2", "entrusted.1", "entrusted"))
_RIGHT = Context("Can I see my data?", ("rights.1", "rights.1.1", "rights.1.2", "rights.6"))
_SURE = rank(("security", 0.8))


def _resolve(
    policy: Policy,
    message: str,
    context: Context,
    *,
    language: str = "ja",
    default: Ranking = SILENT,
    rankings: dict[str, Ranking] | None = None,
) -> Resolved | None:
    return resolve(make_bundle(policy, default, rankings), message, language, context)


@pytest.mark.parametrize(
    "message", ["なぜ?", "詳しく教えてください", "2番目は?", "電話番号は?", "こんにちは", "退会したい"]
)
def test_nothing_follows_when_nothing_came_before(policy: Policy, message: str) -> None:
    bundle = make_bundle(policy, _SURE)
    assert resolve(bundle, message, "ja", NOTHING) is None
    assert resolve(bundle, message, "ja", Context(clarified=True)) is None  # within a request the next text is a value
    retriever = bundle.retrievers["ja"]
    assert isinstance(retriever, Scripted)
    assert retriever.asked == []


@pytest.mark.parametrize(
    ("message", "question", "language", "exchanged"),
    [
        ("では電話番号は?", "DHLに住所は渡りますか", "ja", "DHLに電話番号は渡りますか"),
        ("ヤマトは?", "DHLに住所は渡りますか", "ja", "ヤマトに住所は渡りますか"),
        ("what about my phone number?", "Does DHL get my address?", "en", "Does DHL get my phone number?"),
        ("And the police?", "Does DHL get my address?", "en", "Does the police get my address?"),
        ("same for Yamato", "Does DHL get my address?", "en", "Does Yamato get my address?"),
    ],
)
def test_same_question_is_asked_of_another_thing(
    policy: Policy, message: str, question: str, language: str, exchanged: str
) -> None:
    found = _resolve(policy, message, Context(question), language=language)
    assert found == Resolved(exchanged, "understood_replaced", exchanged)


def test_words_without_a_like_are_read_with_the_former_question(policy: Policy) -> None:
    joined = "海外 DHLに住所は渡りますか"
    found = _resolve(policy, "では海外は?", _ADDRESS, rankings={joined: rank(("entrusted.1", 0.5), sure=0.3)})
    assert found == Resolved(joined, "understood_followed", _ADDRESS.question)


@pytest.mark.parametrize(
    ("alone", "together"),
    [
        (_SURE, rank(("entrusted.1", 0.5), sure=0.95)),  # sure by itself
        (rank(("use", 0.5), sure=0.4), rank(("entrusted.1", 0.5), sure=0.3)),
        (SILENT, SILENT),
    ],
)
def test_words_that_retrieval_is_as_sure_of_alone_stand_alone(
    policy: Policy, alone: Ranking, together: Ranking
) -> None:
    rankings = {"では海外は?": alone, "海外 DHLに住所は渡りますか": together}
    assert _resolve(policy, "では海外は?", _ADDRESS, rankings=rankings) is None


@pytest.mark.parametrize(
    ("message", "language", "context", "asked"),
    [
        ("なぜですか?", "ja", _ADDRESS, "なぜDHLに住所は渡りますか"),
        ("why is that?", "en", _RIGHT, "why Can I see my data?"),
    ],
)
def test_why_asks_for_the_reason_of_the_former_question(
    policy: Policy, message: str, language: str, context: Context, asked: str
) -> None:
    found = _resolve(policy, message, context, language=language)
    # What follows leans on the question itself: "why" twice is not "why why".
    assert found == Resolved(asked, "understood_followed", context.question, kept=context.question)


@pytest.mark.parametrize(
    ("clause_ids", "whole"),
    [
        # The section with all its items, then whatever else was cited.
        (
            ("entrusted.1.2", "security"),
            ("entrusted.1.2", "entrusted", "entrusted.1", "entrusted.1.1", "entrusted.1.3", "security"),
        ),
        (("changes.note",), ("changes.note", "changes")),
        (("security",), ("security",)),
        # Where the section has no paragraph of its own, a right with its exceptions, not its neighbours.
        (("rights.1.2", "rights.6"), ("rights.1.2", "rights.1", "rights.1.1", "rights.6")),
        (("rights.4", "changes"), ("rights.4", "changes")),
        (
            ("collected.6",),
            ("collected.6", "collected", *(f"collected.{one}" for one in range(1, 6)), "collected.note"),
        ),
    ],
)
@pytest.mark.parametrize(("message", "language"), [("詳しく教えてください", "ja"), ("tell me more", "en")])
def test_more_shows_the_clauses_in_full(
    policy: Policy, clause_ids: tuple[str, ...], whole: tuple[str, ...], message: str, language: str
) -> None:
    found = _resolve(policy, message, Context("q", clause_ids), language=language)
    assert found == Resolved("q", "understood_more", "q", whole, whole=True)


@pytest.mark.parametrize(
    ("message", "language", "clause_ids", "chosen", "number"),
    [
        ("2番目は?", "ja", ("rights.1",), "rights.1.2", 2),
        ("the first one", "en", ("rights.1",), "rights.1.1", 1),
        ("最後は?", "ja", ("collected", "purpose"), "collected.6", 0),
        ("and the last?", "en", ("third_party",), "third_party.6", 0),
        # An item's neighbours are what was shown with it.
        ("3番目は?", "ja", ("entrusted.1.2", "entrusted.1"), "entrusted.1.3", 3),
        ("6", "ja", ("collected.1", "collected"), "collected.6", 6),
    ],
)
def test_item_is_picked_by_its_number(
    policy: Policy, message: str, language: str, clause_ids: tuple[str, ...], chosen: str, number: int
) -> None:
    found = _resolve(policy, message, Context("q", clause_ids), language=language)
    key = "understood_item" if number else "understood_last_item"
    assert found == Resolved("q", key, "q", (chosen,), number=number)


@pytest.mark.parametrize(
    ("message", "clause_ids"),
    [("3番目は?", ("rights.1",)), ("9", ("collected",)), ("1番目は?", ("security",)), ("最後は?", ("contact",))],
)
def test_number_that_no_item_has_shows_the_clauses_in_full(
    policy: Policy, message: str, clause_ids: tuple[str, ...]
) -> None:
    found = _resolve(policy, message, Context("q", clause_ids))
    assert found
    assert (found.understood, found.whole) == ("no_item", True)
    assert found.clause_ids[0] == clause_ids[0]


@pytest.mark.parametrize(
    ("message", "language", "chosen"),
    [("2番目", "ja", "rights.3"), ("2", "ja", "rights.3"), ("the first", "en", "collected"), ("最後の", "ja", "use")],
)
def test_reading_is_picked_by_its_number_after_a_clarifying_question(
    policy: Policy, message: str, language: str, chosen: str
) -> None:
    context = Context("q", ("collected", "rights.3", "use"), clarified=True)
    found = _resolve(policy, message, context, language=language)
    assert found
    assert found.clause_ids == (chosen,)


@pytest.mark.parametrize("message", ["詳しく", "2番目は?", "最後は?"])
def test_there_is_nothing_more_when_nothing_was_cited(policy: Policy, message: str) -> None:
    assert _resolve(policy, message, Context("クッキーは使いますか")) is None


_NEAR = rank(("rights.1", 0.5), ("rights.2", 0.3), sure=0.3, covered=0.6, silent=0.3, elsewhere=0.1)


def test_brief_message_is_read_with_the_former_question_when_both_mean_one_clause(policy: Policy) -> None:
    joined = "手数料はかかる? 開示してもらえますか"
    rankings = {"手数料はかかる?": _NEAR, joined: rank(("rights.1", 0.7))}
    found = _resolve(policy, "手数料はかかる?", Context("開示してもらえますか", ("rights.1",)), rankings=rankings)
    assert found == Resolved(joined, "understood_followed", "開示してもらえますか", kept="手数料はかかる?")


@pytest.mark.parametrize(
    ("alone", "together"),
    [
        (_SURE, rank(("rights.1", 0.7))),  # sure by itself
        (SILENT, rank(("security", 0.7))),
        (ELSEWHERE, rank(("security", 0.7))),
        (_NEAR, rank(("rights.1", 0.7), sure=0.3)),  # not sure of it together either
        (_NEAR, rank(("security", 0.7))),  # together it is the former question again
    ],
)
def test_brief_message_stands_alone_otherwise(policy: Policy, alone: Ranking, together: Ranking) -> None:
    rankings = {"手数料はかかる?": alone, "手数料はかかる? 開示してもらえますか": together}
    context = Context("開示してもらえますか", ("security",))
    assert _resolve(policy, "手数料はかかる?", context, rankings=rankings) is None


def test_long_message_is_not_read_with_the_former_question(policy: Policy) -> None:
    bundle = make_bundle(policy, _NEAR)
    long = "昨日そちらで買い物をしたのですが、手数料はかかるのでしょうか。"
    assert resolve(bundle, long, "ja", Context("開示してもらえますか", ("rights.1",))) is None
    retriever = bundle.retrievers["ja"]
    assert isinstance(retriever, Scripted)
    assert retriever.asked == []


def test_former_question_may_be_anything(policy: Policy) -> None:
    question = "住所\n(.*) \\1 {0} 😀" + "長" * 5_000
    found = _resolve(policy, "では電話番号は?", Context(question))
    assert found
    assert found.question.startswith("電話番号 (.*) \\1 {0} 😀長")


@settings(max_examples=100, deadline=None)
@given(
    message=st.one_of(
        st.text(max_size=40), st.sampled_from(["なぜ", "詳しく", "2", "last", "では電話は", "what about DHL"])
    ),
    question=st.text(max_size=40),
    clause_ids=st.lists(st.sampled_from(["rights.1", "entrusted.1.2", "security", "collected.note"]), max_size=3),
    clarified=st.booleans(),
    language=st.sampled_from(LANGUAGES),
)
def test_any_message_is_resolved(
    policy: Policy, message: str, question: str, clause_ids: list[str], clarified: bool, language: str
) -> None:
    context = Context(question, tuple(clause_ids), clarified)
    found = _resolve(policy, message, context, language=language)
    if found:
        assert found.question
        assert set(found.clause_ids) <= set(policy.clause_ids)
        assert bool(found.clause_ids) or not found.whole
