"""The case page's forms: what can be done as the table of transitions says, each input with what there is to choose."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from actions.cases.articles import name_article
from actions.cases.documents import list_documents
from actions.cases.grounds import list_grounds
from actions.cases.guards import CORRECTABLE, METHODS, Rules
from actions.cases.kinds import list_kinds
from actions.cases.notices import Notice, list_notices
from actions.cases.prospects import Prospect
from actions.cases.records import Case, InboxRow
from actions.cases.workflow import HELD, list_outcomes
from actions.texts import has_sentence, say
from actions.web.desk_words import describe_moment

LONGEST = 10_000  # characters of a text or note
_FILE = Path(__file__).with_name("desk_actions.toml")
_CONTROLS = {
    **dict.fromkeys(("text", "note"), "textarea"),
    **dict.fromkeys(("ground", "result", "contact"), "radio"),
    "value": "line",
    "date": "date",
}
_TELLING = ("fulfil", "respond", "approve")  # whose letter is the notice of the law


@dataclass(frozen=True, slots=True)
class Typed:
    """What was filled in for an action, and what stands in its way; comes back in its form."""

    action: str
    kind: str
    values: dict[str, str] = field(repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the forms of a case are made for: the case as it is, who acts under which rules, and what lies beside it."""

    case: Case
    account: str
    rules: Rules
    today: date
    related: tuple[InboxRow, ...]
    has_dead_mail: bool
    language: str

    def say(self, key: str, **values: object) -> str:
        """A sentence of the desk."""
        return say(self.language, f"desk.{key}", **values)

    def find(self, key: str) -> str:
        """A sentence of the desk, or "" where there is none."""
        return self.say(key) if has_sentence(self.language, f"desk.{key}") else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `warning` is what to look at before choosing it."""

    value: str
    label: str
    hint: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One input: `control` is "textarea", "select", "radio", "line" or "date"; `least` the earliest date."""

    name: str
    control: str
    label: str
    value: str = field(repr=False)
    choices: tuple[Choice, ...] = ()
    hint: str = ""
    needed: bool = True
    least: str = ""


@dataclass(frozen=True, slots=True)
class ActionForm:
    """An action to choose. `hindrance` says why it cannot be done yet; `problem` what was wrong with what was typed."""

    action: str
    kind: str
    title: str
    lead: str
    fields: tuple[Field, ...]
    is_next: bool
    is_previewed: bool
    notices: tuple[Notice, ...] = ()
    hindrance: str = ""
    problem: str = ""
    is_open: bool = False

    @property
    def key(self) -> str:
        """What its fields' names in the page begin with."""
        return f"{self.action}-{self.kind}" if self.kind else self.action


def is_previewed(action: str) -> bool:
    """Whether an action is shown before it is carried out."""
    return bool(_load()[action].get("preview", False))


def list_offered() -> tuple[str, ...]:
    """All actions that the case page knows, in its order."""
    return tuple(_load())


def make_forms(stage: Stage, prospects: list[Prospect], typed: Typed | None = None) -> list[ActionForm]:
    """The forms for what could be done, in the page's order."""
    order = list_offered()
    offered = [one for one in prospects if one.transition.action in order and _is_apt(stage, one)]
    offered.sort(key=lambda one: order.index(one.transition.action))
    return [_make_form(stage, one, typed) for one in offered]


def list_inputs(stage: Stage, prospect: Prospect, values: dict[str, str]) -> tuple[Field, ...]:
    """The inputs of an action, as they were filled in."""
    return tuple(_make_field(stage, prospect, name, values.get(name, "")) for name in prospect.transition.inputs)


FACTS: dict[str, Callable[[Stage, str], bool]] = {
    "waiting": lambda stage, _: stage.case.waiting,
    "identity_open": lambda stage, _: any(
        "id_check" in {item.state, item.held_from if item.state == HELD else ""} for item in stage.case.items
    ),
    "fee_allowed": lambda _, kind: list_kinds()[kind].fee_allowed,
    "mail_dead": lambda stage, _: stage.has_dead_mail,
    "has_related": lambda stage, _: bool(stage.related),
    "on_hold": lambda stage, _: stage.case.on_legal_hold,
    "not_on_hold": lambda stage, _: not stage.case.on_legal_hold,
}


def _is_apt(stage: Stage, prospect: Prospect) -> bool:
    fact = _load()[prospect.transition.action].get("when", "")
    return not fact or FACTS[fact](stage, prospect.kind)


def _make_form(stage: Stage, prospect: Prospect, typed: Typed | None) -> ActionForm:
    action, data = prospect.transition.action, _load()[prospect.transition.action]
    own = typed if typed and (typed.action, typed.kind) == (action, prospect.kind) else None
    item = stage.case.find_item(prospect.kind) if prospect.kind else None
    return ActionForm(
        action=action,
        kind=prospect.kind,
        title=stage.say(f"actions.{action}"),
        lead=stage.find(f"leads.{action}"),
        fields=list_inputs(stage, prospect, own.values if own else {}),
        is_next=prospect.transition.origin in data["next"] or "any" in data["next"],
        is_previewed=is_previewed(action),
        notices=list_telling(prospect.kind, item.outcome) if item and action in _TELLING else (),
        hindrance=_word_hindrance(stage, prospect),
        problem=own.problem if own else "",
        is_open=own is not None,
    )


def list_telling(kind: str, outcome: str) -> tuple[Notice, ...]:
    """What the notice of a kind must speak of: for its outcome, or before there is one for any."""
    wanted = [outcome] if outcome else [name for name, one in list_outcomes().items() if one.suits(kind)]
    return tuple({notice.key: notice for name in wanted for notice in list_notices(kind, name)}.values())


def _word_hindrance(stage: Stage, prospect: Prospect) -> str:
    if not prospect.unmet:
        return ""
    if prospect.possible_at:
        return stage.say("review_alone", moment=describe_moment(prospect.possible_at))
    return say(stage.language, f"conditions.{prospect.unmet}")


def _make_field(stage: Stage, prospect: Prospect, name: str, value: str) -> Field:
    action = prospect.transition.action
    choices = _CHOICES[name](stage, prospect) if name in _CHOICES else ()
    return Field(
        name=name,
        control=_CONTROLS.get(name, "select"),
        label=stage.find(f"inputs.{action}_{name}") or stage.say(f"inputs.{name}"),
        value=value or (choices[0].value if len(choices) == 1 else ""),
        choices=choices,
        hint=stage.find(f"hints.{action}_{name}") or stage.find(f"hints.{name}"),
        needed=name != "ground",  # an outcome that rests on none has none
        least=(stage.today + timedelta(days=1)).isoformat() if name == "date" else "",
    )


def _list_outcomes(stage: Stage, prospect: Prospect) -> tuple[Choice, ...]:
    wanted = [one for one in list_outcomes().values() if one.suits(prospect.kind)]
    if prospect.transition.action == "propose":
        wanted = [one for one in wanted if one.review]
    return tuple(Choice(one.name, say(stage.language, f"outcomes.{one.name}")) for one in wanted)


def _list_grounds(stage: Stage, prospect: Prospect) -> tuple[Choice, ...]:
    found = []
    for one in list_grounds(prospect.kind):
        law = name_article(one.law, stage.language)
        unsure = "" if one.certain else stage.say("uncertain")
        warning = "" if one.in_policy else stage.say("not_in_policy")
        found.append(Choice(one.code, one.text[stage.language], " ".join(filter(None, (law, unsure))), warning))
    return (Choice("", stage.say("no_ground")), *found)


def _list_documents(stage: Stage, _: Prospect) -> tuple[Choice, ...]:
    """What the case's level asks for, then whatever else may have been shown instead: nobody asks for more (37(4))."""
    level, agent = max(list_kinds()[kind].level for kind in stage.case.kinds), stage.case.agent
    asked = [(level, agent), (3, agent), (level, ""), (3, "")]
    documents = {one.code: one for wanted in asked for one in list_documents(*wanted)}
    return tuple(Choice(one.code, one.name[stage.language]) for one in documents.values() if one.group != "mail")


def _list_subjects(stage: Stage, _: Prospect) -> tuple[Choice, ...]:
    names = ("person", "agent") if stage.case.agent else ("person",)
    return tuple(Choice(name, stage.say(f"subjects.{name}")) for name in names)


def _list_related(stage: Stage, _: Prospect) -> tuple[Choice, ...]:
    return tuple(
        Choice(row.receipt, f"{row.receipt} {' / '.join(stage.say(f'kinds.{kind}') for kind in row.kinds)}")
        for row in stage.related
    )


def _list_assignees(stage: Stage, _: Prospect) -> tuple[Choice, ...]:
    names = sorted(stage.rules.assignees, key=lambda name: (name != stage.account, name))
    return tuple(Choice(name, name) for name in names)


_CHOICES: dict[str, Callable[[Stage, Prospect], tuple[Choice, ...]]] = {
    "outcome": _list_outcomes,
    "ground": _list_grounds,
    "document": _list_documents,
    "subject": _list_subjects,
    "result": lambda stage, _: tuple(Choice(one, stage.say(f"results.{one}")) for one in ("accepted", "rejected")),
    "method": lambda stage, _: tuple(Choice(one, stage.say(f"methods.{one}")) for one in METHODS),
    "original": _list_related,
    "assignee": _list_assignees,
    "contact": lambda stage, _: tuple(Choice(one, say(stage.language, f"fields.{one}")) for one in CORRECTABLE),
}


@lru_cache(maxsize=1)
def _load() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_FILE.read_text("utf-8"))
