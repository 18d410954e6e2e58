"""A follow-up → the question it stands for, read with what was asked and answered before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.bundle import Bundle
from knowledge.policy import Policy
from knowledge.questions import FollowUp, is_brief, read_follow_up
from knowledge.text import normalise


@dataclass(frozen=True, slots=True)
class Context:
    """The conversation as far as an answer needs it.

    `question` is what was answered last ("" for nothing), `clause_ids` what it was answered with, best first;
    `clarified` says that the last reply asked which reading was meant.
    """

    question: str = ""
    clause_ids: tuple[str, ...] = ()
    clarified: bool = False


NOTHING = Context()


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a follow-up stands for: a `question` to retrieve for, or clauses already known.

    `understood` is the key of the sentence that says how it was read, with `shown` or `number` in it. `whole` asks for
    the clauses themselves instead of a lead. `kept` is the question that a further follow-up leans on ("": `question`).
    """

    question: str
    understood: str
    shown: str
    clause_ids: tuple[str, ...] = ()
    number: int = 0
    whole: bool = False
    kept: str = ""


def resolve(bundle: Bundle, message: str, language: str, context: Context) -> Resolved | None:
    """Read a follow-up with its context; None when the message stands on its own or nothing came before."""
    if not context.question:
        return None
    found = read_follow_up(message, language)
    if found is None:
        return _confirm(bundle, message, language, context) if is_brief(message, language) else None
    if found.kind == "same":
        return _exchange(bundle, message, found.rest, language, context)
    if found.kind == "why":
        why = "なぜ" if language == "ja" else "why "
        return Resolved(f"{why}{context.question}", "understood_followed", context.question, kept=context.question)
    if not context.clause_ids:
        return None
    return _pick(bundle.policy, found, context) if found.kind == "nth" else _all(bundle.policy, context)


def _exchange(bundle: Bundle, message: str, rest: str, language: str, context: Context) -> Resolved | None:
    """The former question with its like exchanged; else the new words alone or with it, as retrieval is surer of."""
    exchanged = bundle.policy.guidance.replace_like(context.question, rest, language)
    if exchanged:
        return Resolved(exchanged, "understood_replaced", exchanged)
    rank = bundle.retrievers[language].rank
    joined = f"{rest} {normalise(context.question)}"
    alone, together = rank(message, limit=1), rank(joined, limit=1)
    if alone.is_sure or alone.sure >= together.sure:
        return None  # it stands on its own after all
    return Resolved(joined, "understood_followed", context.question)


def _confirm(bundle: Bundle, message: str, language: str, context: Context) -> Resolved | None:
    """A brief message that alone only comes near a clause, and with the former question is sure of that very clause."""
    rank = bundle.retrievers[language].rank
    alone = rank(message, limit=3)
    if alone.is_sure or alone.covered < max(alone.silent, alone.elsewhere):
        return None
    joined = f"{message} {normalise(context.question)}"
    together = rank(joined, limit=1)
    if not together.is_sure or together.hits[0].clause_id not in {hit.clause_id for hit in alone.hits}:
        return None
    return Resolved(joined, "understood_followed", context.question, kept=message)


def _pick(policy: Policy, found: FollowUp, context: Context) -> Resolved:
    """The item with that number of the list that was shown, or of the readings to choose from."""
    items = context.clause_ids if context.clarified else _items(policy, context.clause_ids)
    if not 1 <= (found.number or len(items)) <= len(items):
        return Resolved(context.question, "no_item", context.question, _whole(policy, context), whole=True)
    chosen = items[found.number - 1]  # 0, the last one, counts from the end
    key = "understood_item" if found.number else "understood_last_item"
    return Resolved(context.question, key, context.question, (chosen,), number=found.number)


def _items(policy: Policy, clause_ids: Sequence[str]) -> tuple[str, ...]:
    """Items of the first clause, or its siblings when it is one itself."""
    first = clause_ids[0]
    parent = policy.find_parent(first)
    return policy.list_items(first) or (policy.list_items(parent) if parent else ())


def _all(policy: Policy, context: Context) -> Resolved:
    """The clauses in full."""
    return Resolved(context.question, "understood_more", context.question, _whole(policy, context), whole=True)


def _whole(policy: Policy, context: Context) -> tuple[str, ...]:
    """What was cited, and everything that stands with the first clause: its section, or its numbered right."""
    first = policy.get_unit(context.clause_ids[0])
    # In a section without a paragraph of its own each numbered item is a clause in its own right.
    top = "" if policy.find_unit(first.section_id) else first.item.split(".")[0]
    family = [
        unit.clause_id
        for unit in policy.units["ja"]
        if unit.section_id == first.section_id and (not top or unit.item.split(".")[0] == top)
    ]
    return tuple(dict.fromkeys([first.clause_id, *family, *context.clause_ids]))
