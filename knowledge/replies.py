"""Replies that staff send to customers: a shop's templates filled with clauses, verbatim.

A template has slots that only a person can fill in (the name, what was asked, a day). While one is open the reply has a
mark in its place and is not complete; whoever shows it must not offer it for copying.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any

from knowledge.bindings import KINDS, read_tables
from knowledge.bundle import Bundle
from knowledge.citation import Citation, cite_all
from knowledge.lookup import Certainty, Lookup
from knowledge.policy import Policy
from knowledge.templates import Templates, list_fields
from knowledge.text import clean

SLOT_MAX = 300  # characters of a slot's value
_ADDRESSED = ("quotes", "policy_url", "request_url")  # fields with addresses of the desk
_PAGES = "{pages}"  # in them, while nobody has said where the desk is


class Register(str, Enum):
    """Where a reply is sent."""

    CHAT = "chat"
    MAIL = "mail"


class Purpose(str, Enum):
    """What a reply is for."""

    ANSWERED = "answered"  # the policy says it
    NOT_COVERED = "not_covered"  # it does not
    RIGHT = "right"  # how to exercise a right, or to complain


@dataclass(frozen=True, slots=True)
class Request:
    """A kind of request that a clause governs, as a reply needs it (`kinds.toml`)."""

    kind: str
    own_way: str
    level: int
    may_cost: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a reply says: `clauses` are quoted, the first is what it is about; none: the policy does not say it."""

    language: str
    register: Register
    purpose: Purpose
    clauses: tuple[str, ...]
    text: str
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What the desk knows that sends it. `pages`: its address without a slash at the end, "" if not known.

    `fees`: published amounts in yen by kind of request; None if they are not known here.
    """

    pages: str = ""
    fees: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that a person fills in; while it is open `value` is "" and the reply has its `mark`."""

    name: str
    label: str
    mark: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as far as it is filled in. `changed` are clauses that are not what its template was checked against."""

    plan: Plan
    subject: str
    text: str
    slots: tuple[Slot, ...]
    citations: tuple[Citation, ...]
    version: str
    reviewed: str
    changed: tuple[str, ...] = ()

    @property
    def open_slots(self) -> tuple[Slot, ...]:
        """The places that nobody has filled in yet."""
        return tuple(slot for slot in self.slots if not slot.value)

    @property
    def is_complete(self) -> bool:
        """Whether it can be sent."""
        return not self.open_slots

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as `python -m knowledge ask --reply … --json` writes it."""
        return {
            "register": self.plan.register.value,
            "language": self.plan.language,
            "purpose": self.plan.purpose.value,
            "subject": self.subject,
            "text": self.text,
            "open": [slot.name for slot in self.open_slots],
            "policy_version": self.version,
            "reviewed": self.reviewed,
            "changed": list(self.changed),
        }


def find_request(clause_id: str) -> Request | None:
    """The request that a clause governs, or None. Raises: PolicyFormatError."""
    for kind, row in _read_kinds().items():
        if row["clauses"][0] == clause_id:
            return Request(kind, row["own_way"], row["level"], row["fee_allowed"])
    return None


def plan_reply(
    policy: Policy, language: str, register: Register, *, found: Lookup | None = None, clause_id: str = ""
) -> Plan | None:
    """What to reply to what was found, or on the clause that somebody chose; None for what is not this desk's.

    A mail quotes all that the answer rests on, or the chosen clause with what it stands under and its items; a chat
    quotes the clauses themselves. Raises: KeyError: no such clause.
    """
    if not clause_id and found and found.certainty is Certainty.NAMED:
        clause_id = found.clauses[0].clause_id
    if clause_id:
        whole = [*_list_parents(policy, clause_id), clause_id, *policy.list_items(clause_id)]
        return _plan(policy, language, register, [clause_id], whole)
    if found is None or found.answer is None or found.certainty is Certainty.ELSEWHERE:
        return None
    if found.certainty is not Certainty.SURE:
        return Plan(language, register, Purpose.NOT_COVERED, (), "")
    whole = [citation.clause_id for citation in found.answer.citations]
    plan = _plan(policy, language, register, _list_firsts(policy, whole), whole)
    # Of a right, where to ask and what it costs have their own places in the template.
    said = found.answer.language == language and plan.purpose is Purpose.ANSWERED
    return replace(plan, text=found.answer.text) if said else plan


def _plan(policy: Policy, language: str, register: Register, firsts: Sequence[str], whole: Sequence[str]) -> Plan:
    request = find_request(firsts[0])
    stated = firsts[:1] if request else firsts
    clauses = tuple(dict.fromkeys([*stated, *(whole if register is Register.MAIL else ())]))
    text = "\n".join(policy.leads[one][language] for one in stated)
    return Plan(language, register, Purpose.RIGHT if request else Purpose.ANSWERED, clauses, text, request)


def _list_firsts(policy: Policy, clause_ids: Iterable[str]) -> list[str]:
    """Of each family of clauses the one that comes first."""
    firsts: dict[str, str] = {}
    for one in clause_ids:
        firsts.setdefault([*_list_parents(policy, one), one][0], one)
    return list(firsts.values())


def compose_reply(templates: Templates, bundle: Bundle, plan: Plan, filled: Mapping[str, str], place: Place) -> Reply:
    """Write a reply, the slots filled as far as `filled` has them. Raises: QuoteError, KeyError."""
    policy, table = bundle.policy, templates.tables[plan.language]
    in_order = [one for one in policy.clause_ids if one in plan.clauses]
    citations = cite_all(policy, in_order, "en", "/policy")
    template = table[plan.register.value][plan.purpose.value].strip()
    known = _collect(policy, table, plan, citations, place)
    fields = list_fields(template)
    if any(_PAGES in known[one] for one in fields & {*_ADDRESSED}):
        fields.add("pages")
    slots = tuple(
        Slot(
            name,
            label,
            table["mark"].format(label=label),
            _read_value(templates, plan.language, name, filled.get(name, "")),
        )
        for name, label in table["slots"].items()
        if name in fields
    )
    values = {slot.name: slot.value or slot.mark for slot in slots}
    known |= {one: known[one].replace(_PAGES, values.get("pages", "")) for one in _ADDRESSED}
    is_mail = plan.register is Register.MAIL
    return Reply(
        plan=plan,
        subject=table["subjects"][plan.purpose.value].format(**known) if is_mail else "",
        text=_join(template, {**known, **values}),
        slots=slots,
        citations=citations,
        version=policy.version,
        reviewed=templates.reviewed[plan.language],
        changed=bundle.find_changed(templates.reviewed[plan.language], in_order),
    )


def _collect(
    policy: Policy, table: Mapping[str, Any], plan: Plan, citations: Iterable[Citation], place: Place
) -> dict[str, str]:
    """Everything in a template but its slots, by name."""
    shop, language, pages = policy.shop, plan.language, place.pages or _PAGES
    known = {"shop": shop.name, "company": shop.company, "officer": shop.officer[language]}
    known |= {"phone": shop.phone, "hours": shop.hours[language], "email": shop.email}
    known |= {
        "answer": plan.text,
        "version": table["pieces"]["version"].format(version=policy.version),
        "quotes": "\n\n".join(_quote(table, one, pages) for one in citations),
        "policy_url": f"{pages}/policy/{policy.version}",
        **dict.fromkeys(("request", "own_way", "provide", "fee", "request_url"), ""),
    }
    if request := plan.request:
        known |= {
            "request": table["requests"][request.kind],
            "own_way": table["ways"][request.own_way].format(**known),
            "provide": table["provide"][str(request.level)],
            "fee": _word_fee(table, request, place.fees),
            "request_url": f"{pages}/requests/new?kind={request.kind}&lang={language}",
        }
    return known


def _quote(table: Mapping[str, Any], citation: Citation, pages: str) -> str:
    item = table["pieces"]["note"] if citation.item == "note" else citation.item
    values = {**citation.as_dict(), "item": item, "url": f"{pages}{citation.url}"}
    lines = table["pieces"]["quote"].strip().split("\n")
    return "\n".join(line.format(**values).rstrip() for line in lines)


def _word_fee(table: Mapping[str, Any], request: Request, fees: Mapping[str, int] | None) -> str:
    if not request.may_cost:
        return ""
    yen = None if fees is None else fees.get(request.kind, 0)
    name = "fee_possible" if yen is None else "fee" if yen else "fee_none"
    return str(table["pieces"][name].format(yen=yen))


def _join(template: str, values: Mapping[str, str]) -> str:
    """The paragraphs of a template, filled; those that are empty are left out."""
    filled = (paragraph.format(**values).strip() for paragraph in template.split("\n\n"))
    return "\n\n".join(paragraph for paragraph in filled if paragraph)


def _read_value(templates: Templates, language: str, name: str, value: str) -> str:
    """A slot's value in one line; "" if it says nothing, or has a mark of what is still to be filled in."""
    plain = " ".join(clean(value).split())[:SLOT_MAX]
    if any(mark in plain for mark in templates.marks):
        return ""
    if name == "name":  # the template adds its own 様
        ending = next((one for one in templates.tables[language]["honorifics"] if plain.endswith(one)), "")
        return plain.removesuffix(ending).strip()
    if name == "pages":
        plain = plain.rstrip("/")
        return plain if plain.startswith(("https://", "http://")) and " " not in plain else ""
    return plain


def _list_parents(policy: Policy, clause_id: str) -> Sequence[str]:
    """The units a clause stands under, the topmost first."""
    above = policy.find_parent(clause_id)
    return [*_list_parents(policy, above), above] if above else []


@lru_cache(maxsize=1)
def _read_kinds() -> dict[str, Any]:
    return read_tables(KINDS)
