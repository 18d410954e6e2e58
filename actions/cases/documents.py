"""What shows who somebody is and that an agent may act, as data (`documents.toml`), and how the customer is told.

An agent is "" (the person asks), "legal" (parent of a minor, guardian) or "appointed" (all others who were asked to).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "documents.toml"
_LISTED = ("photo", "plain")  # groups whose documents are named one after the other, not as either-or


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that proves something. `name` by language; `mask` are codes of parts to cover.

    `needed`: how many of its `group` it takes; `level`: the identity level they take their bearer to, 0 for papers
    that prove no identity; `months`: how old at most, 0 for no limit.
    """

    code: str
    group: str
    needed: int
    level: int
    proves: tuple[str, ...]
    mask: tuple[str, ...]
    months: int
    name: dict[str, str]


def list_documents(level: int, agent: str = "") -> tuple[Document, ...]:
    """What may be asked for at a level, in order; of an agent the same at every level. Raises KeyError if unknown."""
    groups = _load()["plans"][agent or f"level_{level}"]
    return tuple(one for group in groups for one in _load_documents().values() if one.group == group)


def list_authority(agent: str) -> tuple[str, ...]:
    """Codes of which one must have been seen before an agent's authority counts; none for the person.

    Raises KeyError for an unknown agent.
    """
    return tuple(one.code for one in list_documents(1, agent) if "authority" in one.proves)


def get_document(code: str) -> Document:
    """The document of a code. Raises KeyError for an unknown one."""
    return _load_documents()[code]


def describe_documents(language: str, level: int, agent: str = "") -> str:
    """A few plain lines for the customer: what to show, what to cover, what never to send. KeyError if unknown."""
    lines, documents = _load()["lines"][language], list_documents(level, agent)
    whose = lines["whose_agent" if agent else "whose_person"]
    told = [lines["start"]]
    for group in dict.fromkeys(one.group for one in documents):
        members = [one for one in documents if one.group == group]
        joint = lines["among" if group in _LISTED else "or"]
        names = joint.join(_name(one, language) for one in members)
        told.append(lines[group].format(names=names, whose=whose, needed=members[0].needed))
    return "\n".join([*told, *_say_what_to_keep_back(language, documents)])


def _say_what_to_keep_back(language: str, documents: tuple[Document, ...]) -> list[str]:
    lines, words = _load()["lines"][language], _load()["masks"]
    if all(one.group in {"mail", "account"} for one in documents):
        return [lines["no_documents"]]
    masks = dict.fromkeys(mask for one in documents for mask in one.mask if mask != "my_number")  # `never` says more
    names = lines["among"].join(words[mask][language] for mask in masks)
    return [lines["mask"].format(names=names), lines["copies"], lines["never"]]


def _name(document: Document, language: str) -> str:
    name = document.name[language]
    return _load()["lines"][language]["aged"].format(name=name, months=document.months) if document.months else name


@lru_cache(maxsize=1)
def _load() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


@lru_cache(maxsize=1)
def _load_documents() -> dict[str, Document]:
    needed = _load()["needed"]
    return {
        code: Document(
            code=code,
            group=row["group"],
            needed=needed[row["group"]],
            level=row["level"],
            proves=tuple(row["proves"]),
            mask=tuple(row.get("mask", ())),
            months=row.get("months", 0),
            name=row["name"],
        )
        for code, row in _load()["documents"].items()
    }
