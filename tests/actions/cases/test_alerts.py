"""Alerts for the officer: all seventeen, dated, about real clauses and kinds, worded in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from actions.cases.alerts import Alert, list_alerts, list_alerts_for
from actions.cases.grounds import list_grounds
from actions.cases.kinds import list_kinds
from actions.texts import LANGUAGES
from knowledge.policy import Policy

RIGHTS = [name for name, kind in list_kinds().items() if kind.course == "rights"]


def _get(code: str) -> Alert:
    return next(alert for alert in list_alerts() if alert.code == code)


def test_all_seventeen_are_there_in_order_when_listed() -> None:
    assert [alert.code for alert in list_alerts()] == [f"A{number}" for number in range(1, 18)]


def test_every_alert_is_dated_when_listed() -> None:
    assert {alert.checked for alert in list_alerts()} == {date(2026, 11, 22)}


@pytest.mark.parametrize("alert", list_alerts(), ids=lambda alert: alert.code)
def test_an_alert_is_about_real_clauses_and_kinds_when_read(alert: Alert, policy: Policy) -> None:
    assert alert.clauses
    assert set(alert.clauses) <= set(policy.clause_ids)
    assert set(alert.kinds) <= set(list_kinds())
    assert all(part.isdigit() for part in alert.law.split("-") if alert.law)


@pytest.mark.parametrize("alert", list_alerts(), ids=lambda alert: alert.code)
def test_an_alert_is_worded_in_both_languages_when_read(alert: Alert) -> None:
    for words in (alert.title, alert.about, alert.desk):
        assert set(words) == set(LANGUAGES)
        assert all(word.strip() for word in words.values())
    for words in (alert.about, alert.desk):
        assert words["ja"].endswith("。")
        assert words["en"].endswith(".")


def test_what_nobody_has_seen_in_the_law_is_marked_when_listed() -> None:
    assert [alert.code for alert in list_alerts() if not alert.certain] == ["A7", "A12", "A13"]


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("disclosure", ["A1", "A2", "A3", "A8", "A9", "A14", "A15", "A17"]),
        ("purpose_notice", ["A4", "A8", "A9", "A15", "A17"]),
        ("correction", ["A5", "A8", "A10", "A15", "A17"]),
        ("suspension", ["A6", "A8", "A10", "A14", "A15", "A17"]),
        ("third_party_stop", ["A7", "A8", "A10", "A12", "A13", "A15", "A17"]),
        ("complaint", ["A15"]),
    ],
)
def test_a_case_shows_its_own_alerts_when_a_kind_is_asked_for(kind: str, codes: list[str]) -> None:
    assert [alert.code for alert in list_alerts_for(kind)] == codes


def test_what_concerns_no_case_stays_with_the_policy_when_listed() -> None:
    assert [alert.code for alert in list_alerts() if not alert.kinds] == ["A11", "A16"]


def test_fees_and_agents_are_warned_of_where_they_can_arise_when_compared() -> None:
    assert set(_get("A9").kinds) == {name for name, kind in list_kinds().items() if kind.fee_allowed}
    assert list(_get("A8").kinds) == RIGHTS


def test_the_grounds_missing_from_the_policy_have_their_alert_when_compared() -> None:
    missing = {ground.law for ground in list_grounds("disclosure") if not ground.in_policy and ground.certain}
    assert missing == {_get("A2").law}


def test_an_unknown_kind_is_an_error_when_asked_for() -> None:
    with pytest.raises(KeyError):
        list_alerts_for("exercise_disclosure")
