"""Shapes at the edge (pydantic): what clients may send and what they get.

Sent: unknown fields are ignored, wrong types are 422. Given: exactly the documented keys (DESIGN: contracts).
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["ja", "en"]


class AskRequest(BaseModel):
    """Body of `POST /api/ask`."""

    model_config = ConfigDict(strict=True)

    question: str
    language: Language | None = None


class ChatRequest(BaseModel):
    """Body of `POST /api/chat`. The same `message_id` again gives the same reply and no second effect."""

    message: str
    conversation_id: str | None = None
    message_id: UUID | None = None
    language: Language | None = None


class CitationReply(BaseModel):
    """A clause quoted verbatim; an English answer adds the English rendering of both."""

    model_config = ConfigDict(extra="forbid")

    clause_id: str
    section: str
    item: str
    quote: str
    url: str
    policy_version: str
    section_en: str = ""
    quote_en: str = ""


class AskReply(BaseModel):
    """What `POST /api/ask` gives."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["answered", "not_covered", "out_of_scope"]
    language: Language
    answer: str
    citations: list[CitationReply]
    suggestions: list[str]


class ButtonReply(BaseModel):
    """What a button shows, and the message that it sends, or the path of the page that it opens."""

    model_config = ConfigDict(extra="forbid")

    title: str
    payload: str


class MessageReply(BaseModel):
    """One thing said."""

    model_config = ConfigDict(extra="forbid")

    text: str
    citations: list[CitationReply]
    buttons: list[ButtonReply]


class RequestReply(BaseModel):
    """Where a request stands; `receipt` once it is filed."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    kinds: list[str]
    state: Literal["offered", "collecting", "confirming", "filed", "cancelled"]
    receipt: str | None


class ChatReply(BaseModel):
    """What `POST /api/chat` gives. `degraded`: the dialogue engine, or the database, is away."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: str
    language: Language
    messages: list[MessageReply]
    request: RequestReply | None
    degraded: bool


class Problem(BaseModel):
    """What went wrong: a stable code, and a sentence in the caller's language."""

    code: str
    message: str


class ErrorReply(BaseModel):
    """The one shape of an error."""

    error: Problem


class HealthReply(BaseModel):
    """The process lives."""

    status: Literal["ok"]


class ReadinessReply(BaseModel):
    """What the desk can do now. `dialogue` false is reduced mode, which still serves."""

    status: Literal["ready", "not ready"]
    database: bool
    dialogue: bool
    policy_version: str


_WAIT = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}}
# The errors of the interface, as OpenAPI wants to be told of them.
ERRORS: dict[int | str, dict[str, Any]] = {
    413: {"model": ErrorReply, "description": "too long"},
    422: {"model": ErrorReply, "description": "malformed or empty"},
    429: {"model": ErrorReply, "description": "too much in a short time", "headers": _WAIT},
}


class RequestForm(BaseModel):
    """Fields of the intake form, as typed. `filing_key` came with the page and makes sending twice one case.

    `agent` is who writes: "" the person, "legal" or "appointed"; `represented` whom an agent acts for.
    """

    kind: list[str] = Field(default_factory=list)
    details: str = ""
    agent: str = ""
    represented: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    filing_key: str = ""


class StatusForm(BaseModel):
    """Any form of the status page: what is to be done, and what its own fields hold.

    `version` is the case's when the page was shown, `kind` one item ("" all), `sure` a ticked box.
    """

    action: str = ""
    version: str = ""
    kind: str = ""
    text: str = ""
    code: str = ""
    sure: str = ""
