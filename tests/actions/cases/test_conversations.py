"""Transcripts and drafts: kept sealed, once, and no longer than they may be."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.conversations import Conversations
from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.records import Draft
from actions.cases.tables import Base, ConversationRow, DraftRow, TurnRow
from actions.errors import SealError

SECRET = "山田花子のひみつの相談"
REPLY: dict[str, Any] = {"messages": [{"text": "お返事のことば"}], "language": "ja"}


@pytest.fixture
def conversations(database: Database, sealer: Sealer) -> Conversations:
    found = Conversations(database, sealer)
    found.open("c1", "ja")
    found.open("c2", "ja")
    return found


def _age(database: Database, column: sa.orm.InstrumentedAttribute[Any], age: timedelta) -> None:
    with database.transaction() as session:
        session.execute(sa.update(column.class_).values({column.key: now() - age}))


def _count(database: Database, table: type[Base]) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_the_language_is_kept_when_a_conversation_is_opened_again(conversations: Conversations) -> None:
    assert conversations.find_standing("unknown").language == ""
    assert conversations.find_standing("c1").language == "ja"
    conversations.open("c1", "en")
    assert conversations.find_standing("c1").language == "en"


def test_turns_are_listed_in_order_when_several_were_kept(conversations: Conversations) -> None:
    for number in range(3):
        conversations.append_turn("c1", f"m{number}", f"質問{number}", {**REPLY, "number": number})
    conversations.append_turn("c2", "m0", "よそ", REPLY)
    turns = conversations.list_turns("c1")
    assert [(turn.message_id, turn.message, turn.reply["number"]) for turn in turns] == [
        ("m0", "質問0", 0),
        ("m1", "質問1", 1),
        ("m2", "質問2", 2),
    ]
    assert turns[0].at.tzinfo is not None


def test_the_newest_turn_is_found_when_several_were_kept(conversations: Conversations) -> None:
    assert conversations.find_standing("c1").last is None
    for number in range(3):
        conversations.append_turn("c1", f"m{number}", f"質問{number}", {**REPLY, "number": number})
        conversations.append_turn("c2", f"m{number}", "よそ", REPLY)
        found = conversations.find_standing("c1").last
        assert found == conversations.list_turns("c1")[-1]
        assert (found.message_id, found.message, found.reply["number"]) == (f"m{number}", f"質問{number}", number)
    conversations.append_turn("c1", "m0", "もう一度", REPLY)  # came twice: it stays where it was
    assert conversations.find_standing("c1").last.message == "質問2"
    assert conversations.find_standing("unknown").last is None


def test_a_turn_is_found_only_by_its_own_conversation_when_looked_up(conversations: Conversations) -> None:
    conversations.append_turn("c1", "m1", SECRET, REPLY)
    found = conversations.find_turn("c1", "m1")
    assert found is not None
    assert (found.message, found.reply) == (SECRET, REPLY)
    assert conversations.find_turn("c2", "m1") is None
    assert conversations.find_turn("c1", "m2") is None


def test_the_first_reply_stays_when_a_message_is_kept_twice(conversations: Conversations) -> None:
    conversations.append_turn("c1", "m1", SECRET, {"reply": "first"})
    conversations.append_turn("c1", "m1", SECRET, {"reply": "second"})
    assert [turn.reply for turn in conversations.list_turns("c1")] == [{"reply": "first"}]


def test_one_turn_is_kept_when_threads_keep_the_same_message_at_once(conversations: Conversations) -> None:
    start = Barrier(4)

    def append(number: int) -> None:
        start.wait()
        conversations.append_turn("c1", "m1", SECRET, {"reply": number})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(append, range(4)))
    assert len(conversations.list_turns("c1")) == 1


def test_a_turn_is_refused_when_its_conversation_is_gone(conversations: Conversations) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        conversations.append_turn("gone", "m1", SECRET, REPLY)


def test_the_draft_is_the_newest_when_saved_twice(
    conversations: Conversations, make_draft: Callable[..., Draft]
) -> None:
    first, second = make_draft(), make_draft(kinds=("complaint",))
    assert conversations.find_draft("c1") is None
    conversations.save_draft("c1", first)
    conversations.save_draft("c1", second)
    assert conversations.find_draft("c1") == second
    conversations.delete_draft("c1")
    conversations.delete_draft("c1")  # once more does no harm
    assert conversations.find_draft("c1") is None


def test_turns_and_draft_go_when_a_conversation_is_deleted(
    conversations: Conversations, database: Database, make_draft: Callable[..., Draft]
) -> None:
    conversations.append_turn("c1", "m1", SECRET, REPLY)
    conversations.save_draft("c1", make_draft())
    conversations.append_turn("c1", "m2", SECRET, REPLY)
    conversations.append_turn("c2", "m1", SECRET, REPLY)
    assert [conversations.count_turns(one) for one in ("c1", "c2", "unknown")] == [2, 1, 0]
    assert [conversations.delete(one) for one in ("c1", "c1", "unknown")] == [2, 0, 0]
    assert (_count(database, TurnRow), _count(database, DraftRow), _count(database, ConversationRow)) == (1, 0, 1)


@pytest.mark.parametrize(
    ("ages", "left"),  # of draft (hours), turn and conversations (days) → drafts, turns, conversations
    [
        ((23, 29, 29), (1, 1, 2)),
        ((25, 29, 29), (0, 1, 2)),
        ((23, 31, 29), (1, 0, 2)),
        # c2 is silent and old; c1 still has a draft or turns
        ((23, 31, 31), (1, 0, 1)),
        ((25, 29, 31), (0, 1, 1)),
        ((25, 31, 31), (0, 0, 0)),
    ],
)
def test_what_has_outlived_its_retention_goes_when_purged(
    conversations: Conversations,
    database: Database,
    make_draft: Callable[..., Draft],
    ages: tuple[int, int, int],
    left: tuple[int, int, int],
) -> None:
    conversations.append_turn("c1", "m1", SECRET, REPLY)
    conversations.save_draft("c1", make_draft())
    _age(database, DraftRow.updated_at, timedelta(hours=ages[0]))
    _age(database, TurnRow.created_at, timedelta(days=ages[1]))
    _age(database, ConversationRow.created_at, timedelta(days=ages[2]))
    gone = conversations.purge(draft_hours=24, transcript_days=30)
    assert (_count(database, DraftRow), _count(database, TurnRow), _count(database, ConversationRow)) == left
    assert gone == 4 - sum(left)
    assert conversations.purge(draft_hours=24, transcript_days=30) == 0


@pytest.mark.parametrize(
    ("read", "statement"),
    [
        (
            lambda found: found.list_turns("c2"),
            "update turns set message_sealed = (select message_sealed from turns where conversation_id = 'c1')"
            " where conversation_id = 'c2'",
        ),
        (
            lambda found: found.find_turn("c2", "m1"),
            "update turns set reply_sealed = (select reply_sealed from turns where conversation_id = 'c1')"
            " where conversation_id = 'c2'",
        ),
        (lambda found: found.list_turns("c1"), "update turns set message_sealed = reply_sealed"),
        (lambda found: found.find_standing("c1").last, "update turns set reply_sealed = message_sealed"),
        (
            lambda found: found.find_draft("c2"),
            "update drafts set content_sealed = (select content_sealed from drafts where conversation_id = 'c1')"
            " where conversation_id = 'c2'",
        ),
    ],
    ids=[
        "message of another row",
        "reply of another row",
        "column of the same row",
        "column of the newest row",
        "draft of another row",
    ],
)
def test_a_value_does_not_open_when_moved(
    conversations: Conversations,
    database: Database,
    make_draft: Callable[..., Draft],
    read: Callable[[Conversations], object],
    statement: str,
) -> None:
    for identity in ("c1", "c2"):
        conversations.append_turn(identity, "m1", SECRET, REPLY)
        conversations.save_draft(identity, make_draft())
    with database.transaction() as session:
        session.execute(sa.text(statement))
    with pytest.raises(SealError):
        read(conversations)


def test_nothing_is_in_clear_when_at_rest(
    conversations: Conversations, database: Database, make_draft: Callable[..., Draft], tmp_path: Path
) -> None:
    draft = make_draft()
    conversations.append_turn("c1", "m1", SECRET, REPLY)
    conversations.save_draft("c1", draft)
    typed = [SECRET, REPLY["messages"][0]["text"], *draft.fields.values()]
    stored = [path.read_bytes() for path in tmp_path.glob("madoguchi.sqlite3*")]  # the file and its write-ahead log
    with database.reading() as session:
        rows = [tuple(row) for table in Base.metadata.sorted_tables for row in session.execute(sa.select(table))]
    stored += [str(value).encode() if not isinstance(value, bytes) else value for row in rows for value in row]
    assert len(rows) == 4
    # JSON may be written with escapes: both forms count.
    forms = [form for text in typed for form in (text.encode(), text.encode("unicode_escape"))]
    assert not [form for form in forms if any(form in block for block in stored)]


def test_deleted_text_is_overwritten_when_a_draft_is_deleted(
    make_services: Callable[..., Any], make_draft: Callable[..., Draft]
) -> None:
    services = make_services()
    services.conversations.open("c1", "ja")
    services.conversations.save_draft("c1", make_draft())
    with services.database.reading() as session:
        sealed = session.get_one(DraftRow, "c1").content_sealed
    services.conversations.delete_draft("c1")
    services.database.close()  # merges the write-ahead log
    assert sealed not in (services.settings.state / "madoguchi.sqlite3").read_bytes()
