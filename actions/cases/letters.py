"""Letters: facts in; subject, mail and page out. The words are templates (`letters/`), one folder a language.

A mail can be read by others in a household: it holds the salutation, the receipt number, links, a code, and reviewed
sentences, never what was asked nor what an officer wrote. That stands in `page`, which the person reads behind the
status link. `hash_templates` names the edition of the words, so that a letter stays bound to it.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from dataclasses import dataclass, field, fields
from datetime import date as Date  # noqa: N812  a fact of a letter is called date
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from actions.cases.articles import name_article
from actions.cases.grounds import get_ground
from actions.cases.notices import get_notice
from actions.cases.routes import describe_routes
from actions.texts import say

_FOLDER = Path(__file__).parent / "letters"
_LONGEST_NAME = 60
# A name that could pass for an address: somebody else may have typed it, to send a lure in our mail.
_LURE = re.compile(r"[/:@<>\[\]\\]|www\b|\w{2,}\.\w{2,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShopContact:
    """The shop as a letter names it: `officer` (a title) and `hours` in the letter's language."""

    name: str
    officer: str
    phone: str
    email: str
    hours: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """A clause as a letter quotes it: verbatim of the policy's `version`; `rendering` is its English, or ""."""

    section: str
    item: str
    quote: str
    version: str
    rendering: str = ""


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What a letter is made of.

    `kind` is the item concerned, "" all of `kinds`. `text` is what the officer asks, says or has done, `reason` why
    not (all) as asked; `ground` a code of `grounds.toml`; `date` the new target, or the end of a term; `original` the
    receipt of the request that a duplicate goes on in. Links and `code` are "" where the letter has none.
    """

    template: str
    language: str
    receipt: str
    shop: ShopContact
    name: str = field(default="", repr=False)
    kinds: tuple[str, ...] = ()
    kind: str = ""
    outcome: str = ""
    text: str = field(default="", repr=False)
    reason: str = field(default="", repr=False)
    ground: str = ""
    quotes: tuple[Quotation, ...] = ()
    fee_yen: int = 0
    date: Date | None = None
    documents: str = ""
    original: str = ""
    status_url: str = field(default="", repr=False)
    confirm_url: str = field(default="", repr=False)
    desk_url: str = ""
    code: str = field(default="", repr=False)
    code_minutes: int = 10


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to go: `text` and `html` are the mail, `page` is plain text for the status page, or ""."""

    template: str
    language: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    page: str = field(repr=False)


def write_letter(facts: LetterFacts) -> Letter:
    """Write a letter. Raises: ValueError: a fact that it needs is missing. KeyError: no such template or outcome."""
    missing = list_missing(facts)
    if missing:
        raise ValueError(f"a letter of {facts.template} without {', '.join(missing)}")
    values = _gather(facts)
    has_page = bool(_load("templates.toml")[facts.template]["page"])
    page = _render(facts, values | {"part": "page"}) if has_page else ""
    subject = " ".join(_render(facts, values | {"part": "subject"}).split())
    text = _render(facts, values | {"part": "mail", "has_page": has_page})
    paragraphs = [paragraph.split("\n") for paragraph in text.strip().split("\n\n")]
    links = {facts.status_url, facts.confirm_url, facts.desk_url} - {""}
    html = _environment().get_template("_mail.html")
    shown = html.render(language=facts.language, subject=subject, paragraphs=paragraphs, links=links)
    return Letter(facts.template, facts.language, subject, text, f"{shown.strip()}\n", page)


def list_missing(facts: LetterFacts) -> tuple[str, ...]:
    """Names of the facts without which the letter may not go out ("words": text or reason). Raises KeyError."""
    needs = list(_load("templates.toml")[facts.template]["needs"])
    if facts.template == "decision" and facts.outcome:
        needs += _load("outcomes.toml")[facts.outcome]["needs"]
    given = {"words": facts.text.strip() or facts.reason.strip()}
    return tuple(need for need in needs if not (given[need] if need in given else getattr(facts, need)))


def list_templates() -> tuple[str, ...]:
    """Names of all letters."""
    return tuple(_load("templates.toml"))


def list_outcomes() -> tuple[str, ...]:
    """Outcomes that a decision's letter can tell."""
    return tuple(_load("outcomes.toml"))


@lru_cache(maxsize=1)
def hash_templates() -> str:
    """Edition of the letters' words: 8 hex of the SHA-256 of every file, by path."""
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.rglob("*.*")):
        digest.update(path.relative_to(_FOLDER).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]


def make_salutation(name: str, language: str) -> str:
    """How a person is addressed, on one line. A name that could pass for a link, or has no letter, is left out."""
    words = _load("words.toml")[language]
    line = " ".join("".join(" " if _is_control(one) else one for one in name).split())[:_LONGEST_NAME].strip()
    if not any(one.isalpha() for one in line) or _LURE.search(unicodedata.normalize("NFKC", line)):
        return str(words["nameless"])
    return str(words["salutation"]).format(name=line)


def _is_control(character: str) -> bool:
    # Line and paragraph separators, and the marks that turn the direction of text, as well.
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _gather(facts: LetterFacts) -> dict[str, Any]:
    """Everything a template may name."""
    named = {one.name: getattr(facts, one.name) for one in fields(facts)}
    kinds = (facts.kind,) if facts.kind else facts.kinds
    return named | {
        "salutation": make_salutation(facts.name, facts.language),
        "kind_names": [say(facts.language, f"kinds.{kind}") for kind in kinds],
        "text": _tidy(facts.text),
        "day": say_day(facts.date, facts.language) if facts.date else "",
        "documents": _tidy(facts.documents),
        "ground_text": get_ground(facts.ground).text[facts.language] if facts.ground else "",
        "law": name_article(get_ground(facts.ground).law, facts.language) if facts.ground else "",
        "quotes": [_show(quote, facts.language) for quote in facts.quotes],
        **(_describe_decision(facts) if facts.template == "decision" else {}),
    }


def _describe_decision(facts: LetterFacts) -> dict[str, Any]:
    sentences = _load(f"{facts.language}/outcomes.toml")[facts.outcome]

    def choose(key: str) -> str:
        worded = sentences.get(key, {})
        return str(worded.get(facts.kind) or worded.get("any", ""))

    return {
        "result": choose("result"),
        "sections": [(choose(heading), text) for heading, text in _order_words(facts) if text],
        "next": choose("next"),
        "routes": describe_routes(facts.language) if facts.outcome in get_notice("routes").outcomes else "",
    }


def _order_words(facts: LetterFacts) -> tuple[tuple[str, str], ...]:
    """What was done and why not (all) as asked, each under its heading's key.

    Where an outcome has only one of them, there is one text to give, under whichever name it was kept.
    """
    held, measure, reason = _load("outcomes.toml")[facts.outcome], _tidy(facts.text), _tidy(facts.reason)
    if held["measure"] and held["reason"]:
        return ("words", measure), ("reason", reason)
    if held["measure"]:
        return ("words", measure or reason), ("more", reason if measure else "")
    return ("reason", reason or measure), ("more", measure if reason else "")


def _show(quote: Quotation, language: str) -> dict[str, str]:
    words = _load("words.toml")[language]
    name = words["note"] if quote.item == "note" else words["item"].format(number=quote.item) if quote.item else ""
    values = {"section": quote.section, "item_name": name, "text": quote.quote, "version": quote.version}
    return values | {"rendering": quote.rendering if language == "en" else ""}


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _render(facts: LetterFacts, values: dict[str, Any]) -> str:
    rendered = _environment().get_template(f"{facts.language}/{facts.template}.txt").render(values)
    return f"{_collapse(rendered)}\n"


def _collapse(text: str) -> str:
    """Blocks that stayed empty leave no gap."""
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def say_day(day: Date, language: str) -> str:
    """A day in words, with its weekday."""
    words = _load("words.toml")[language]
    weekday, month = words["weekdays"][day.weekday()], words["months"][day.month - 1]
    return str(words["day"]).format(year=day.year, month=month, day=day.day, weekday=weekday)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,  # of what is included
    )
    made.filters["amount"] = "{:,}".format
    return made


@lru_cache
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text("utf-8"))
