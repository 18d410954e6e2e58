"""Questions asked in vain and votes: sealed, by day, of nobody once the conversation is gone, and deleted with it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from actions.cases.conversations import Conversations
from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.question_tables import QuestionRow, VoteRow
from actions.cases.questions import Asked, Purged, Questions, Vote, find_day

TEXT = "貝殻の名簿は作りますか"


def _ask(text: str = TEXT, status: str = "not_covered", clauses: tuple[str, ...] = ("purpose",)) -> Asked:
    return Asked("ja", status, "1-0", clauses, "purpose", text)


@pytest.fixture
def questions(database: Database, sealer: Sealer) -> Questions:
    for name in ("c1", "c2"):
        Conversations(database, sealer).open(name, "ja")
    return Questions(database, sealer)


def _rows(database: Database) -> list[QuestionRow]:
    with database.reading() as session:
        return list(session.scalars(sa.select(QuestionRow).order_by(QuestionRow.text_key)))


def test_a_question_is_sealed_and_of_a_day_when_recorded(database: Database, questions: Questions) -> None:
    questions.record("c1", "m1", _ask())
    (row,) = _rows(database)
    assert (row.language, row.status, row.section, row.clauses, row.day) == (
        "ja",
        "not_covered",
        "purpose",
        "purpose",
        find_day(),
    )
    assert row.text_sealed is not None
    columns = [getattr(row, column.key) for column in sa.inspect(QuestionRow).columns]
    assert not any(TEXT in str(value) or value == "c1" for value in columns)
    assert TEXT.encode() not in row.text_sealed


def test_it_is_there_once_when_recorded_twice(database: Database, questions: Questions) -> None:
    for _ in range(2):
        questions.record("c1", "m1", _ask())
    questions.record("c1", "m2", _ask())
    questions.record("c2", "m1", _ask("別の質問ですか"))
    rows = _rows(database)
    assert len(rows) == 3
    assert len({row.conversation_key for row in rows}) == 2
    assert len({row.text_key for row in rows}) == 2  # exact repeats are known without being opened
    assert len({row.text_sealed for row in rows}) == 3


def test_it_is_only_counted_when_it_has_no_text(database: Database, questions: Questions) -> None:
    questions.record("c1", "m1", _ask(""))
    (row,) = _rows(database)
    assert (row.text_sealed, row.text_key) == (None, "")


@pytest.mark.parametrize("write", ["record", "vote"])
def test_nothing_is_kept_when_the_conversation_is_gone(database: Database, questions: Questions, write: str) -> None:
    if write == "record":
        questions.record("gone", "m1", _ask())
    else:
        questions.vote("gone", "m1", Vote("down"), _ask())
    assert _rows(database) == []
    assert questions.list_votes("gone") == {}


def test_what_a_conversation_left_goes_with_it(database: Database, sealer: Sealer, questions: Questions) -> None:
    for name in ("c1", "c2"):
        questions.record(name, "m1", _ask())
        questions.vote(name, "m2", Vote("down", "unclear"), _ask(status="answered"))
    Conversations(database, sealer).delete("c1")
    assert len(_rows(database)) == 2
    assert (questions.list_votes("c1"), questions.list_votes("c2")) == ({}, {"m2": Vote("down", "unclear")})


def test_a_vote_takes_the_place_of_the_one_before(database: Database, questions: Questions) -> None:
    for vote in (Vote("down"), Vote("down", "missing"), Vote("down", "wrong_source")):
        questions.vote("c1", "m1", vote, _ask(status="answered"))
        assert questions.list_votes("c1") == {"m1": vote}
    (row,) = _rows(database)
    assert (row.reason, row.status, row.text_sealed is not None) == ("wrong_source", "answered", True)
    questions.vote("c1", "m1", Vote("up"), _ask(status="answered"))
    assert questions.list_votes("c1") == {"m1": Vote("up")}
    assert _rows(database) == []


def test_an_unanswered_question_stays_one_when_a_vote_against_it_is_taken_back(
    database: Database, questions: Questions
) -> None:
    questions.record("c1", "m1", _ask())
    questions.vote("c1", "m1", Vote("down"), _ask())
    assert [row.reason for row in _rows(database)] == ["down"]
    questions.vote("c1", "m1", Vote("up"), _ask())
    assert [(row.reason, row.status) for row in _rows(database)] == [("", "not_covered")]


def test_what_is_decided_is_no_longer_touched_when_somebody_votes(database: Database, questions: Questions) -> None:
    questions.vote("c1", "m1", Vote("down"), _ask(status="answered"))
    with database.transaction() as session:
        session.execute(sa.update(QuestionRow).values(decision="clause", text_sealed=None))
    for vote in (Vote("down", "missing"), Vote("up")):
        questions.vote("c1", "m1", vote, _ask(status="answered"))
        assert [(row.reason, row.text_sealed) for row in _rows(database)] == [("down", None)]


def test_one_row_is_left_when_two_vote_at_once(database: Database, questions: Questions) -> None:
    gate = threading.Barrier(4)

    def vote() -> None:
        gate.wait()
        questions.vote("c1", "m1", Vote("down", "unclear"), _ask(status="answered"))

    threads = [threading.Thread(target=vote) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(_rows(database)) == 1
    assert questions.list_votes("c1") == {"m1": Vote("down", "unclear")}


def _age(database: Database, table: type[QuestionRow | VoteRow], days: int) -> None:
    with database.transaction() as session:
        session.execute(sa.update(table).values(day=find_day() - timedelta(days=days)))


def test_nothing_leads_back_when_the_conversations_time_is_over(database: Database, questions: Questions) -> None:
    questions.record("c1", "m1", _ask())
    questions.vote("c1", "m2", Vote("up"), _ask(status="answered"))
    for table in (QuestionRow, VoteRow):
        _age(database, table, 30)
    assert questions.purge(30, 180) == Purged(0, 0)  # the last day is still the conversation's
    for table in (QuestionRow, VoteRow):
        _age(database, table, 31)
    assert questions.purge(30, 180, dry=True) == Purged(2, 0)
    assert questions.list_votes("c1")
    assert questions.purge(30, 180) == Purged(2, 0)
    assert questions.list_votes("c1") == {}
    (row,) = _rows(database)
    assert (row.conversation_key, row.message_id, row.text_sealed is not None) == (None, None, True)
    assert questions.purge(30, 180) == Purged(0, 0)


def test_a_question_ends_when_its_own_time_is_over(database: Database, questions: Questions) -> None:
    questions.record("c1", "m1", _ask())
    questions.vote("c1", "m2", Vote("up"), _ask(status="answered"))
    for table in (QuestionRow, VoteRow):
        _age(database, table, 181)
    assert questions.purge(30, 180, dry=True) == Purged(0, 2)
    assert len(_rows(database)) == 1
    assert questions.purge(30, 180) == Purged(0, 2)
    assert _rows(database) == []
