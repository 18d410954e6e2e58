"""A question → the answer as a message, with what can be done next. The same for Rasa's action and for reduced mode."""

from __future__ import annotations

from actions.cases.kinds import Kind, find_kind_by_clause
from actions.dialogue.messages import Button, Message, RequestState, Spoken, say_all
from actions.dialogue.words import has_word
from actions.services import Services
from actions.texts import say
from knowledge.answer import Answer, Status, answer_question

# Clauses that tell the way to exercise a right without being one right's own.
_WAYS = {"changes": ("correction", "suspension"), "changes.note": ("correction",), "rights.7": ("complaint",)}


def answer(services: Services, question: str, language: str) -> Spoken:
    """Answer a question; where the policy is silent, offer to send it to a person."""
    found = answer_question(services.bundle, question, language)
    kinds = _offered_kinds(found, wanted=has_word(question, "wants"))
    buttons = [
        Button(say(language, "buttons.request", kind=say(language, f"kinds.{kind}")), f"/request:{kind}")
        for kind in kinds
    ]
    if found.status is Status.NOT_COVERED:
        buttons.append(Button(say(language, "buttons.forward"), "/forward"))
    message = Message(
        text=found.text,
        citations=tuple(citation.as_dict() for citation in found.citations),
        buttons=tuple(buttons),
        status=found.status.value,
    )
    return say_all(message, request=RequestState(kinds, "offered") if kinds else None)


def _offered_kinds(found: Answer, *, wanted: bool) -> tuple[str, ...]:
    """The requests that the clause shown first is about: the answer, or the nearest to a wish ("退会したい")."""
    if not found.citations or not (wanted or found.status is Status.ANSWERED):
        return ()
    first = found.citations[0].clause_id
    kind: Kind | None = find_kind_by_clause(first)
    return (kind.name,) if kind else _WAYS.get(first, ())
