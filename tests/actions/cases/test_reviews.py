"""What officers do with unanswered questions: read, decide once, and leave their own words and no others."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from actions.cases.audit import Audit
from actions.cases.conversations import Conversations
from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.question_tables import QuestionRow, WordingRow
from actions.cases.questions import Asked, Questions, Vote
from actions.cases.reviews import Decision, Reviews, Tally
from actions.errors import ImpossibleActionError, NotFoundError

CLAUSE = Decision("clause", "purpose", ("貝の名簿は作るのですか", "貝について集めますか"), "ja", "1-0")


@pytest.fixture
def reviews(database: Database, sealer: Sealer) -> Reviews:
    """Three unanswered questions, one of them only counted, and an answer that was voted down."""
    questions = Questions(database, sealer)
    Conversations(database, sealer).open("c1", "ja")
    for number, (language, text, section) in enumerate(
        [("ja", "貝殻の名簿は作りますか", "purpose"), ("en", "Do you list shells?", ""), ("ja", "", "use")]
    ):
        questions.record("c1", f"m{number}", Asked(language, "not_covered", "1-0", (), section, text))
    asked = Asked("ja", "answered", "1-0", ("use", "collected"), "use", "砂の記録は残りますか")
    questions.vote("c1", "m9", Vote("down", "wrong_source"), asked)
    return Reviews(database, sealer, Audit(database, sealer))


def test_questions_stand_in_their_queues(reviews: Reviews) -> None:
    (one,) = reviews.list_queue("open", "ja")
    assert (one.text, one.section, one.reason) == ("貝殻の名簿は作りますか", "purpose", "")
    assert [question.text for question in reviews.list_queue("open", "en")] == ["Do you list shells?"]
    (rated,) = reviews.list_queue("feedback", "ja")
    assert (rated.text, rated.clauses, rated.reason) == ("砂の記録は残りますか", ("use", "collected"), "wrong_source")
    assert reviews.list_queue("feedback", "en") == []
    assert reviews.count() == Tally(open=3, counted=1, feedback=1, decided=0)
    assert reviews.count_sections() == {"purpose": 1, "": 1, "use": 1}


@pytest.mark.parametrize(("section", "count"), [(None, 1), ("purpose", 1), ("use", 0), ("", 0)])
def test_a_queue_is_filtered_by_section(reviews: Reviews, section: str | None, count: int) -> None:
    assert len(reviews.list_queue("open", "ja", section)) == count


def test_the_texts_end_and_the_officers_words_stay_when_decided(
    database: Database, sealer: Sealer, reviews: Reviews
) -> None:
    ids = [reviews.list_queue(queue, "ja")[0].id for queue in ("open", "feedback")]
    assert reviews.decide(ids, CLAUSE, "hanako") == 2
    with database.reading() as session:
        rows = session.scalars(sa.select(QuestionRow).where(QuestionRow.id.in_(ids))).all()
        assert [(row.text_sealed, row.text_key, row.decision, row.label, row.decided_by) for row in rows] == [
            (None, "", "clause", "purpose", "hanako")
        ] * 2
        sealed = session.scalars(sa.select(WordingRow.text_sealed)).all()
    assert not any("貝".encode() in one for one in sealed)
    first, second = reviews.list_wordings()
    assert (first.text, second.text) == CLAUSE.wordings
    assert (first.kind, first.label, first.language, first.questions, first.position, second.position) == (
        "clause",
        "purpose",
        "ja",
        2,
        0,
        1,
    )
    assert first.decision_id == second.decision_id
    assert reviews.count() == Tally(open=2, counted=1, feedback=0, decided=2)
    (event,) = Audit(database, sealer).list_latest(1)
    assert (event.actor, event.action) == ("hanako", "decide_questions")
    assert event.detail == {"decision": "clause", "label": "purpose", "questions": 2, "wordings": 2}
    assert Audit(database, sealer).verify().problems == ()


def test_a_question_is_decided_once(reviews: Reviews) -> None:
    (one,) = reviews.list_queue("open", "ja")
    reviews.decide([one.id], Decision("discarded"), "hanako")
    with pytest.raises(ImpossibleActionError):
        reviews.decide([one.id], CLAUSE, "jiro")
    assert reviews.list_wordings() == []  # and the refused decision left nothing
    with pytest.raises(NotFoundError):
        reviews.get(one.id)


def test_what_is_gone_is_not_found(reviews: Reviews) -> None:
    for identity in ("", "0" * 16, "x"):
        with pytest.raises(NotFoundError):
            reviews.get(identity)


def test_what_is_only_counted_has_no_page(database: Database, reviews: Reviews) -> None:
    with database.reading() as session:
        identity = session.scalar(sa.select(QuestionRow.id).where(QuestionRow.text_sealed.is_(None)))
    with pytest.raises(NotFoundError):
        reviews.get(str(identity))


def test_a_question_that_was_moved_does_not_open(database: Database, reviews: Reviews) -> None:
    from actions.errors import SealError

    ids = [reviews.list_queue("open", language)[0].id for language in ("ja", "en")]
    with database.transaction() as session:
        session.get_one(QuestionRow, ids[0]).text_sealed = session.get_one(QuestionRow, ids[1]).text_sealed
    with pytest.raises(SealError):
        reviews.get(ids[0])
