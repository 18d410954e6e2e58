"""Groups as an officer sees them: their weeks, their days, the section most of them lie near."""

from __future__ import annotations

from datetime import date, timedelta

from actions.cases.questions import Asked, find_day
from actions.services import Services
from actions.web.question_groups import (
    WEEKS,
    count_weeks,
    find_group,
    find_nearest,
    list_groups,
    list_open,
    list_topics,
    name_sections,
)

TODAY = date(2026, 11, 28)


def _record(services: Services, *texts: tuple[str, str, str]) -> None:
    services.conversations.open("c1", "ja")
    for number, (language, text, section) in enumerate(texts):
        services.questions.record("c1", f"m{number}", Asked(language, "not_covered", "1-0", (), section, text))


def test_days_are_counted_by_weeks_that_end_today() -> None:
    days = [TODAY, TODAY - timedelta(days=6), TODAY - timedelta(days=7), TODAY - timedelta(weeks=WEEKS)]
    assert count_weeks(days, TODAY) == [0] * 10 + [1, 2]
    assert count_weeks([], TODAY) == [0] * WEEKS


def test_the_largest_group_stands_first_whatever_its_language(services: Services) -> None:
    _record(
        services,
        ("ja", "Cookieは使っていますか", ""),
        ("en", "Do you keep my phone number?", "collected"),
        ("en", "do you keep my phone number", "purpose"),
        ("en", "Do you keep the phone number?", "collected"),
    )
    first, second = list_groups(services, "open", "", None, "ja")
    assert (len(first.questions), first.section, first.shown.language) == (3, "collected", "en")
    assert (len(second.questions), second.section, second.first, second.last) == (1, "", find_day(), find_day())
    assert [column.number for column in first.spark.columns][-1] == "3"
    assert "3" in first.spark.description
    assert [group.shown.language for group in list_groups(services, "open", "ja", None, "ja")] == ["ja"]
    assert len(list_groups(services, "open", "", "purpose", "ja")[0].questions) == 1
    assert list_groups(services, "feedback", "", None, "ja") == []


def test_a_question_leads_its_own_group(services: Services) -> None:
    _record(
        services, ("ja", "Cookieは使っていますか", ""), ("ja", "Cookieは使いますか", ""), ("ja", "年齢は集めますか", "")
    )
    known = list_open(services, "ja")
    assert len(known) == 3
    for question in known.values():
        group = find_group(services, question, "en")
        assert group.shown == question
        assert len(group.questions) == (1 if "年齢" in question.text else 2)


def test_the_nearest_clauses_are_those_shown_and_then_those_that_rank(services: Services) -> None:
    services.conversations.open("c1", "ja")
    asked = Asked("ja", "not_covered", "1-0", ("rights.7", "gone.1"), "rights", "Cookieは何に使いますか")
    services.questions.record("c1", "m1", asked)
    (question,) = services.reviews.list_queue("open", "ja")
    units, topic = find_nearest(services, question)
    assert units[0].clause_id == "rights.7"
    assert len({unit.clause_id for unit in units}) == 3
    assert topic in {"", *list_topics(services)}
    assert "cookies" in list_topics(services)


def test_every_section_has_a_name_and_so_has_none(services: Services) -> None:
    for language in ("ja", "en"):
        names = name_sections(services, language)
        assert {unit.section_id for unit in services.bundle.policy.units[language]} | {""} == set(names)
        assert all(names.values())
