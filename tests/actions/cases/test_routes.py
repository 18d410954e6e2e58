"""Outside offices: who they are, how they are told in a refusal, and on what day that was checked."""

from __future__ import annotations

from datetime import date

import pytest

from actions.cases.routes import describe_routes, list_routes
from actions.texts import LANGUAGES


def test_the_commission_and_the_consumer_centres_are_named_when_listed() -> None:
    assert {route.code: route.phone for route in list_routes()} == {"commission": "03-6457-9849", "consumer": "188"}
    assert {route.checked for route in list_routes()} == {date(2026, 11, 22)}


def test_both_languages_are_there_when_a_route_is_read() -> None:
    for route in list_routes():
        for words in (route.name, route.hours, route.about):
            assert set(words) == set(LANGUAGES)
            assert all(word.strip() for word in words.values())
        assert route.url.startswith("https://www.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_office_is_told_with_number_and_hours_when_refusing(language: str) -> None:
    lines = describe_routes(language).splitlines()
    assert len(lines) == len(list_routes()) + 2
    for route, line in zip(list_routes(), lines[1:-1], strict=True):
        assert all(word in line for word in (route.name[language], route.phone, route.hours[language]))


def test_the_day_of_checking_is_told_when_refusing() -> None:
    assert "2026年11月22日" in describe_routes("ja").splitlines()[-1]
    assert "2026-11-22" in describe_routes("en").splitlines()[-1]
    assert "9:30–17:30" in describe_routes("ja")


def test_an_unknown_language_is_an_error_when_asked_for() -> None:
    with pytest.raises(KeyError):
        describe_routes("fr")
