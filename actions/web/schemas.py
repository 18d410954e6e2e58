"""Shapes at the edge (pydantic): what clients may send. Unknown fields are ignored; wrong types are 422."""

from __future__ import annotations

from typing import Literal
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
