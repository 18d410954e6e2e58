"""Conversations and drafts: what customers typed, sealed, each with its retention."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import BindParameter, CursorResult, Row, Table, bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError

from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.questions import delete_asked
from actions.cases.records import Draft, Standing, Turn
from actions.cases.tables import ConversationRow, DraftRow, TurnRow

# Made once: at each turn, putting a statement together took longer than the database with it.
_CONVERSATIONS, _DRAFTS, _TURNS = (cast(Table, row.__table__) for row in (ConversationRow, DraftRow, TurnRow))
_OF: BindParameter[str] = bindparam("conversation")
_STANDING = (
    select(_CONVERSATIONS.c.language, _CONVERSATIONS.c.untold, _DRAFTS.c.content_sealed, *_TURNS.c)
    .select_from(_CONVERSATIONS)
    .outerjoin(_DRAFTS, _DRAFTS.c.conversation_id == _CONVERSATIONS.c.id)
    .outerjoin(
        _TURNS, _TURNS.c.id == select(func.max(_TURNS.c.id)).where(_TURNS.c.conversation_id == _OF).scalar_subquery()
    )
    .where(_CONVERSATIONS.c.id == _OF)
)
_DRAFT = select(_DRAFTS.c.content_sealed).where(_DRAFTS.c.conversation_id == _OF)
_APPEND = _TURNS.insert()
_TELL = (
    _CONVERSATIONS.update()
    .where(_CONVERSATIONS.c.id == _OF, _CONVERSATIONS.c.untold == bindparam("told"))
    .values(untold="")
)


class Conversations:
    """The only code that reads or writes transcripts and drafts."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def find_standing(self, conversation_id: str) -> Standing:
        """All that a message is read with, in one statement."""
        with self._database.reading_rows() as connection:
            row = connection.execute(_STANDING, {"conversation": conversation_id}).first()
        if row is None:
            return Standing()
        return Standing(
            language=row.language,
            draft=self._open_draft(conversation_id, row.content_sealed) if row.content_sealed else None,
            last=self._open_turn(row) if row.message_id else None,
            untold=row.untold,
        )

    def open(self, conversation_id: str, language: str) -> None:
        """Note a conversation and its language."""
        with self._database.transaction() as session:
            row = session.get(ConversationRow, conversation_id)
            if row is None:
                session.add(ConversationRow(id=conversation_id, language=language, created_at=now()))
            else:
                row.language = language

    def find_turn(self, conversation_id: str, message_id: str) -> Turn | None:
        """The turn that already answered this message, or None."""
        query = select(TurnRow).where(TurnRow.conversation_id == conversation_id, TurnRow.message_id == message_id)
        with self._database.reading() as session:
            row = session.scalar(query)
            return self._open_turn(row) if row else None

    def append_turn(
        self, conversation_id: str, message_id: str, message: str, reply: dict[str, Any], told: str = ""
    ) -> dict[str, Any]:
        """Keep a turn; `told` is the filing key of the request whose receipt it tells. Returns: the reply that is kept.

        A request that was filed while the reply was being made is still to be told of.

        A second turn for the same message is not written: the first one's reply is the reply.
        """
        place = f"{conversation_id}.{message_id}"
        turn = {
            "conversation_id": conversation_id,
            "message_id": message_id,
            "message_sealed": self._sealer.seal(message, f"turns.message.{place}"),
            "reply_sealed": self._sealer.seal(json.dumps(reply, ensure_ascii=False), f"turns.reply.{place}"),
            "created_at": now(),
        }
        try:
            with self._database.writing_rows() as connection:
                connection.execute(_APPEND, turn)
                if told:
                    connection.execute(_TELL, {"conversation": conversation_id, "told": told})
        except IntegrityError:
            known = self.find_turn(conversation_id, message_id)
            if known is None:
                raise
            return known.reply
        return reply

    def list_turns(self, conversation_id: str) -> list[Turn]:
        """All turns, oldest first."""
        query = select(TurnRow).where(TurnRow.conversation_id == conversation_id).order_by(TurnRow.id)
        with self._database.reading() as session:
            return [self._open_turn(row) for row in session.scalars(query)]

    def find_draft(self, conversation_id: str) -> Draft | None:
        """The request being entered in this conversation, or None."""
        with self._database.reading_rows() as connection:
            sealed = connection.scalar(_DRAFT, {"conversation": conversation_id})
        return self._open_draft(conversation_id, sealed) if sealed else None

    def save_draft(self, conversation_id: str, draft: Draft) -> None:
        """Keep the draft, replacing the former one."""
        sealed = self._sealer.seal(draft.to_json(), f"drafts.content.{conversation_id}")
        with self._database.transaction() as session:
            session.merge(DraftRow(conversation_id=conversation_id, content_sealed=sealed, updated_at=now()))

    def delete_draft(self, conversation_id: str) -> None:
        """Delete the draft, if there is one."""
        with self._database.transaction() as session:
            session.execute(delete(DraftRow).where(DraftRow.conversation_id == conversation_id))

    def count_turns(self, conversation_id: str) -> int:
        """How many turns are kept."""
        query = select(func.count(TurnRow.id)).where(TurnRow.conversation_id == conversation_id)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def delete(self, conversation_id: str) -> int:
        """Delete the conversation with its turns, its draft and what was kept of its questions.

        Returns: the number of turns.
        """
        turns, draft = (delete(row).where(row.conversation_id == conversation_id) for row in (TurnRow, DraftRow))
        with self._database.transaction() as session:
            count: int = cast(CursorResult[Any], session.execute(turns)).rowcount
            session.execute(draft)
            delete_asked(session, self._sealer, conversation_id)
            session.execute(delete(ConversationRow).where(ConversationRow.id == conversation_id))
            return count

    def purge(self, draft_hours: int, transcript_days: int) -> int:
        """Delete what has outlived its retention. Returns the number of rows."""
        moment = now()
        old_drafts = DraftRow.updated_at < moment - timedelta(hours=draft_hours)
        old_turns = TurnRow.created_at < moment - timedelta(days=transcript_days)
        oldest = moment - timedelta(days=transcript_days)
        silent = ConversationRow.id.not_in(select(TurnRow.conversation_id))
        idle = ConversationRow.id.not_in(select(DraftRow.conversation_id))
        with self._database.transaction() as session:
            statements = (
                delete(DraftRow).where(old_drafts),
                delete(TurnRow).where(old_turns),
                delete(ConversationRow).where(ConversationRow.created_at < oldest, silent, idle),
            )
            return sum(cast(CursorResult[Any], session.execute(one)).rowcount for one in statements)

    def _open_draft(self, conversation_id: str, sealed: bytes) -> Draft:
        return Draft.from_json(self._sealer.open(sealed, f"drafts.content.{conversation_id}"))

    def _open_turn(self, row: TurnRow | Row[Any]) -> Turn:
        place = f"{row.conversation_id}.{row.message_id}"
        return Turn(
            message_id=row.message_id,
            message=self._sealer.open(row.message_sealed, f"turns.message.{place}"),
            reply=json.loads(self._sealer.open(row.reply_sealed, f"turns.reply.{place}")),
            at=row.created_at,
        )
