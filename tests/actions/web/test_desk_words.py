"""Due dates and events in words: right in both languages, and urgency never by colour alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from actions.cases.audit import Event
from actions.cases.documents import get_document
from actions.cases.grounds import get_ground
from actions.texts import LANGUAGES, say
from actions.web.desk_words import (
    describe_due,
    describe_event,
    describe_failure,
    describe_legal,
    describe_moment,
    describe_value,
    join_alike,
)

# Friday noon in Japan, before a weekend and a holiday on Monday (勤労感謝の日).
FRIDAY = datetime(2026, 11, 20, 3, tzinfo=UTC)
CLOSES = timedelta(hours=6)  # until 18:00


@pytest.mark.parametrize(
    ("due", "level", "text"),
    [
        (FRIDAY + CLOSES, "near", "本日まで"),
        (FRIDAY + CLOSES + timedelta(days=4), "near", "あと1営業日"),  # Tuesday: Monday is a holiday
        (FRIDAY + CLOSES + timedelta(days=6), "near", "あと3営業日"),
        (FRIDAY + CLOSES + timedelta(days=7), "far", "あと4営業日"),
        (FRIDAY - timedelta(seconds=1), "over", "本日の期限を超過"),
        (FRIDAY - timedelta(days=2), "over", "期限超過2日"),
        (FRIDAY, "near", "本日まで"),
    ],
)
def test_a_due_date_is_told_in_days_that_count(due: datetime, level: str, text: str) -> None:
    found = describe_due(due, FRIDAY, (), "ja")
    assert (found.level, found.text) == (level, text)
    assert found.day == (due + timedelta(hours=9)).date()


def test_the_shops_own_closing_days_do_not_count() -> None:
    due = FRIDAY + CLOSES + timedelta(days=5)  # Wednesday
    assert describe_due(due, FRIDAY, (date(2026, 11, 24),), "ja").text == "あと1営業日"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_urgent_when_the_clock_stands_still_or_all_is_done(language: str) -> None:
    paused = describe_due(None, FRIDAY, (), language)
    closed = describe_due(FRIDAY - timedelta(days=9), FRIDAY, (), language, closed=True)
    assert (paused.level, paused.text, paused.day) == ("none", say(language, "desk.due.paused"), None)
    assert (closed.level, closed.text, closed.day) == ("none", say(language, "desk.due.closed"), None)


@pytest.mark.parametrize(
    ("passed", "level", "text"),
    [
        (0, "far", "あと14日"),
        (10, "far", "あと4日"),
        (11, "near", "あと3日"),
        (14, "near", "あと0日"),
        (16, "over", "2日超過"),
    ],
)
def test_the_two_weeks_of_the_law_are_calendar_days(passed: int, level: str, text: str) -> None:
    found = describe_legal(FRIDAY - timedelta(days=passed), FRIDAY, "ja")
    assert found.level == level
    assert found.text.endswith(text)


def test_the_day_changes_at_midnight_in_japan() -> None:
    before, after = datetime(2026, 11, 20, 14, 59, tzinfo=UTC), datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert describe_legal(before, before, "en").day == date(2026, 12, 4)
    assert describe_legal(after, after, "en").day == date(2026, 12, 5)
    assert (describe_moment(before), describe_moment(after)) == ("2026-11-20 23:59", "2026-11-21 00:00")


def _event(**values: object) -> Event:
    known = {"seq": 7, "at": FRIDAY, "actor": "hanako", "action": "propose", "kind": "correction"}
    known |= {"origin": "investigating", "state": "deciding", "detail": {}, "receipt": "M-0000-0000"}
    return Event(**{**known, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_event_is_told_in_words_of_the_language(language: str) -> None:
    detail = {"outcome": "refused", "ground": "correction_true", "review": "own", "yen": 500}
    found = describe_event(_event(detail=detail), language)
    assert (found.who, found.what) == ("hanako", say(language, "desk.actions.propose"))
    assert (found.kind, found.receipt) == (say(language, "desk.kinds.correction"), "M-0000-0000")
    assert (found.origin, found.state) == (say(language, "states.investigating"), say(language, "states.deciding"))
    assert dict(found.details) == {
        say(language, "desk.details.outcome"): say(language, "outcomes.refused"),
        say(language, "desk.details.ground"): get_ground("correction_true").text[language],
        say(language, "desk.details.review"): say(language, "desk.reviews.own"),
        say(language, "desk.details.yen"): "500",
    }


def test_nothing_moved_when_the_state_is_the_same() -> None:
    found = describe_event(_event(action="note", origin="deciding", state="deciding", detail={"ground": ""}), "ja")
    assert (found.origin, found.state, found.details) == ("", "", ())


@pytest.mark.parametrize("actor", ["customer", "system"])
def test_who_has_no_account_is_named_in_words(actor: str) -> None:
    assert describe_event(_event(actor=actor), "ja").who == say("ja", f"desk.actors.{actor}")


def test_an_entry_of_long_ago_can_be_read_when_its_names_are_not_known_any_more() -> None:
    found = describe_event(_event(action="dance", kind="", detail={"shoes": "red", "outcome": "merry"}), "ja")
    assert (found.what, found.details) == ("dance", (("shoes", "red"), ("結果", "merry")))


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("document", "driving_licence", get_document("driving_licence").name["ja"]),
        ("date", "2026-12-04", "2026年12月4日(金)"),
        ("arrived", "2026-11-20T03:00:00+00:00", "2026-11-20 12:00"),
        ("method", "post", "郵送"),
        ("assignee", "hanako", "hanako"),
    ],
)
def test_a_value_is_told_in_words(name: str, value: str, shown: str) -> None:
    assert describe_value(name, value, "ja") == shown


def test_one_act_on_several_items_is_one_entry() -> None:
    def happen(seq: int, kind: str, seconds: float = 0, **values: object) -> object:
        return describe_event(_event(seq=seq, kind=kind, at=FRIDAY + timedelta(seconds=seconds), **values), "ja")

    events = [
        happen(1, "correction"),
        happen(2, "suspension", 0.2),
        happen(3, "complaint", 0.3, state="notifying"),  # went another way
        happen(4, "correction", 5),  # another act
        happen(5, "suspension", 5.1, detail={"outcome": "refused"}),  # of another kind
    ]
    joined = join_alike(events)  # type: ignore[arg-type]
    assert [(one.seq, one.kind) for one in joined] == [
        (1, "訂正・追加・削除 / 利用停止・消去"),
        (3, "苦情・相談"),
        (4, "訂正・追加・削除"),
        (5, "利用停止・消去"),
    ]
    assert join_alike([]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_a_mail_failed_is_told(language: str) -> None:
    assert describe_failure("recipient", language) == say(language, "desk.mail_errors.recipient")
    assert describe_failure("", language) == ""
    assert describe_failure("new_code", language) == "new_code"
