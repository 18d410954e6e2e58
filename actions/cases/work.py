"""One action on one case while it is carried out, and what several effects share."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from actions.cases.correspondence import Correspondence
from actions.cases.crypto import Sealer
from actions.cases.guards import Actor, Form, Rules
from actions.cases.identity import Confirmation, Identity
from actions.cases.sealed import OpenCase, decision_place, hash_token, read_decision, status_place
from actions.cases.tables import CaseRow, ItemRow


@dataclass(slots=True)
class Work:
    """An action with all that it works on. `sealer` is the desk's, `own` the case's; `detail` goes into the chain."""

    opened: OpenCase
    form: Form
    actor: Actor
    rules: Rules
    moment: datetime
    sealer: Sealer
    identity: Identity
    correspondence: Correspondence
    original: CaseRow | None = None
    detail: dict[str, str | int] = field(default_factory=dict)
    sealed: bytes | None = None
    confirmation: Confirmation | None = None

    @property
    def session(self) -> Session:
        """The caller's transaction."""
        return self.opened.session

    @property
    def case(self) -> CaseRow:
        """The case that is worked on."""
        return self.opened.row

    @property
    def own(self) -> Sealer:
        """Seals with the case's key."""
        return self.opened.own

    def add_words(self, text: str, *, shared: bool) -> None:
        """Append what somebody wrote to the thread: shared with the person, or a note of the desk's own."""
        self.sealed = self.correspondence.append(self.opened, self.actor.name, text, shared=shared)


def assign_status_link(case: CaseRow, own: Sealer) -> str:
    """Give a case a new status link → its token: 256 bits; what is looked up is a hash of it."""
    token = secrets.token_urlsafe(32)
    case.status_hash = hash_token(token)
    case.status_sealed = own.seal(token, status_place(case.id))
    return token


def write_decision(work: Work, item: ItemRow, **words: str) -> None:
    """Keep words of a decision, beside those that are there."""
    content = json.dumps({**read_decision(work.own, item), **words}, ensure_ascii=False)
    item.decision_sealed = work.sealed = work.own.seal(content, decision_place(item.id))
