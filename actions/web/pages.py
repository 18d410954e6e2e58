"""Rendering: one Jinja environment with autoescape, and what every page knows (language, texts, shop)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from actions.cases.letters import say_day
from actions.hours import TOKYO
from actions.texts import LANGUAGES, say
from actions.web.context import Context, find_context

STATIC_FOLDER = Path(__file__).parent / "static"
_FOLDER = Path(__file__).parent / "templates"
_environment = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def find_chosen_language(request: Request) -> str:
    """The language that the address chooses, "" for none."""
    wanted = request.query_params.get("lang", "")
    return wanted if wanted in LANGUAGES else ""


def find_language(request: Request) -> str:
    """The page's language: the address, else the browser's first that we speak, else Japanese. No cookie is needed."""
    chosen = find_chosen_language(request)
    if chosen:
        return chosen
    for part in request.headers.get("accept-language", "").split(","):
        tag = part.split(";")[0].strip()[:2].lower()
        if tag in LANGUAGES:
            return tag
    return "ja"


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """Render a page, in `language` if it is among the values.

    Templates get `t(key)` for sentences, `link(path)` that keeps the language, `day(moment)` in words, and the shop.
    """
    context: Context = find_context(request)
    language = values.pop("language", None) or find_language(request)
    html = _environment.get_template(template).render(
        language=language,
        t=partial(say_here, request, language),
        link=partial(_link, language=language),
        day=partial(_say_day, language=language),
        static=find_static,
        here=_link(request.url.path, language=language),
        other_link=_link(request.url.path, language="en" if language == "ja" else "ja"),
        shop=context.services.bundle.policy.shop,
        tokyo=TOKYO,
        **values,
    )
    return HTMLResponse(html, status_code=status)


@cache
def find_static(name: str) -> str:
    """The address of a file of ours, which changes with its content: a browser may keep it for ever."""
    digest = hashlib.sha256((STATIC_FOLDER / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


def say_here(request: Request, language: str, key: str, **more: object) -> str:
    """A sentence of the pages, with the shop's name and the officer's contact at hand."""
    shop = find_context(request).services.bundle.policy.shop
    known = {
        "shop": shop.name,
        "officer": shop.officer[language],
        "phone": shop.phone,
        "email": shop.email,
        "hours": shop.hours[language],
    }
    return say(language, key, **{**known, **more})


def _say_day(moment: date | datetime, language: str) -> str:
    """The day of a moment in Japan, in words."""
    return say_day(moment.astimezone(TOKYO).date() if isinstance(moment, datetime) else moment, language)


def _link(path: str, language: str, **query: str) -> str:
    base, hash_mark, anchor = path.partition("#")
    given = {name: value for name, value in query.items() if value}
    return f"{base}?{urlencode({**given, 'lang': language})}{hash_mark}{anchor}"
