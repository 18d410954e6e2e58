"""Looking up: a clause by id, number or name, and a question as a customer would be answered."""

from __future__ import annotations

import pytest

from knowledge.answer import answer_question
from knowledge.bundle import Bundle
from knowledge.lookup import MOST_OTHERS, Certainty, find_by_name, find_by_number, look_up, show_clauses
from knowledge.policy import Policy


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        ("rights.1.2", ["rights.1.2"]),
        (" RIGHTS.1.2 ", ["rights.1.2"]),
        ("「collected.note」", ["collected.note"]),
        ("use", ["use"]),
        ("お客様情報に関する事項 1.2", ["rights.1.2"]),
        ("「お客様情報に関する事項」６", ["rights.6"]),
        ("お客様情報に関する事項第6項", ["rights.6"]),
        ("お客様情報の預託について 1-2", ["entrusted.1.2"]),
        ("Matters concerning customer information 3", ["rights.3"]),
        ("1.2", ["entrusted.1.2", "rights.1.2"]),
        ("第7項", ["rights.7"]),
        ("rights 99", []),
        ("お客様情報に関する事項", []),
        ("入金から10", []),
        ("どこにも渡しませんか", []),
        ("rights.99", []),
        ("", []),
        ("1" * 5000, []),
    ],
)
def test_a_clause_is_found_by_its_id_or_number(policy: Policy, query: str, clauses: list[str]) -> None:
    assert list(find_by_number(policy, query)) == clauses


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        ("利用停止", ["changes", "rights.4"]),
        ("「請求の手続き」", ["rights.6"]),
        ("第三者", ["third_party", "rights.5"]),
        ("お客様情報に関する事項", [f"rights.{number}" for number in range(1, 8)]),
        ("procedure for requests", ["rights.6"]),
        ("ＰＲＯＣＥＤＵＲＥ", ["rights.6"]),
        ("クッキー", []),
        ("の", []),
        ("", []),
        ("第三者に提供することがあるか知りたい", []),
    ],
)
def test_a_clause_is_found_by_words_of_its_heading(policy: Policy, query: str, clauses: list[str]) -> None:
    assert list(find_by_name(policy, query)) == clauses


@pytest.mark.parametrize(
    ("query", "certainty", "language"),
    [
        ("ヤマト運輸に情報を渡していますか", Certainty.SURE, "ja"),
        ("What is my information used for?", Certainty.SURE, "en"),
        ("クッキーは使っていますか", Certainty.SILENT, "ja"),
        ("👍", Certainty.ELSEWHERE, "ja"),
        ("", Certainty.ELSEWHERE, "ja"),
        ("rights.1", Certainty.NAMED, "ja"),
    ],
)
def test_how_sure_a_result_is_is_said(bundle: Bundle, query: str, certainty: Certainty, language: str) -> None:
    found = look_up(bundle, query)
    assert (found.certainty, found.language) == (certainty, language)
    assert found.is_found == (certainty in {Certainty.SURE, Certainty.NAMED})
    assert (found.answer is None) == (certainty is Certainty.NAMED)


def test_a_question_gets_the_customers_answer_with_both_languages(bundle: Bundle) -> None:
    question = "ヤマト運輸に情報を渡していますか"
    found, answer = look_up(bundle, question), answer_question(bundle, question)
    assert found.answer == answer
    assert [one.clause_id for one in found.clauses] == [one.clause_id for one in answer.citations]
    for one in found.clauses:
        assert one.quote == bundle.policy.get_unit(one.clause_id).text
        assert one.quote_en == bundle.policy.get_unit(one.clause_id, "en").text


def test_others_are_no_clauses_of_the_answer(bundle: Bundle) -> None:
    for query in ("削除", "開示", "第三者", "個人情報", "Who has my data?"):
        found = look_up(bundle, query)
        cited, others = ([one.clause_id for one in group] for group in (found.clauses, found.others))
        assert not {*cited} & {*others}
        assert len(others) <= MOST_OTHERS
        assert {*find_by_name(bundle.policy, query)} <= {*cited, *others} or len(others) == MOST_OTHERS


def test_a_named_clause_comes_with_its_items(bundle: Bundle) -> None:
    found = show_clauses(bundle, "x", ["rights.1"])
    assert [one.clause_id for one in found.clauses] == ["rights.1", "rights.1.1", "rights.1.2"]
    data = found.as_dict()
    assert (data["certainty"], data["answer"], data["others"]) == ("named", "", [])
