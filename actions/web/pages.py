"""Rendering: one Jinja environment with autoescape, and what every page knows (language, texts, shop)."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from actions.hours import TOKYO
from actions.texts import LANGUAGES, say
from actions.web.context import Context, find_context

_FOLDER = Path(__file__).parent / "templates"
_environment = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def find_language(request: Request) -> str:
    """The page's language: the address, else the browser's first that we speak, else Japanese. No cookie is needed."""
    wanted = request.query_params.get("lang")
    if wanted in LANGUAGES:
        return str(wanted)
    for part in request.headers.get("accept-language", "").split(","):
        tag = part.split(";")[0].strip()[:2].lower()
        if tag in LANGUAGES:
            return tag
    return "ja"


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """Render a page. Templates get `t(key)` for sentences, `link(path)` that keeps the language, and the shop."""
    context: Context = find_context(request)
    language = values.pop("language", None) or find_language(request)
    shop = context.services.bundle.policy.shop
    known = {
        "shop": shop.name,
        "officer": shop.officer[language],
        "phone": shop.phone,
        "email": shop.email,
        "hours": shop.hours[language],
    }

    def translate(key: str, **more: object) -> str:
        return say(language, key, **{**known, **more})

    html = _environment.get_template(template).render(
        language=language,
        t=translate,
        link=partial(_link, language=language),
        other_link=_link(request.url.path, language="en" if language == "ja" else "ja"),
        shop=shop,
        tokyo=TOKYO,
        **values,
    )
    return HTMLResponse(html, status_code=status)


def _link(path: str, language: str, **query: str) -> str:
    base, hash_mark, anchor = path.partition("#")
    return f"{base}?{urlencode({**query, 'lang': language})}{hash_mark}{anchor}"
