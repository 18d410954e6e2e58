"""Rendering: the language of a page, links that keep it, and templates that forget nothing and escape everything."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import UndefinedError
from starlette.requests import Request

from actions.web.pages import _environment, _link, find_language, render


def _request(query: str = "", accepted: str | None = None, app: Any = None) -> Request:
    headers = [] if accepted is None else [(b"accept-language", accepted.encode("latin-1"))]
    scope = {"type": "http", "method": "GET", "path": "/page", "query_string": query.encode(), "headers": headers}
    return Request({**scope, "app": app, "server": ("desk.example.com", 80), "scheme": "http"})


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", None, "ja"),
        ("", "", "ja"),
        ("", "en", "en"),
        ("", "en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("", "ja-JP,en;q=0.5", "ja"),
        ("", "fr-FR, de;q=0.9, en;q=0.5", "en"),
        ("", "fr,de", "ja"),
        ("", "*", "ja"),
        ("", ",,;q=1,EN-us", "en"),
        ("", "\xff\xfe", "ja"),
        ("lang=en", "ja", "en"),
        ("lang=ja", "en", "ja"),
        ("lang=fr", "en", "en"),
        ("lang=", None, "ja"),
        ("lang=en&lang=ja", None, "ja"),
        ("lang=%00", None, "ja"),
    ],
)
def test_the_language_is_found_when_a_page_is_asked_for(query: str, accepted: str | None, language: str) -> None:
    assert find_language(_request(query, accepted)) == language


@pytest.mark.parametrize(
    ("path", "query", "link"),
    [
        ("/", {}, "/?lang=en"),
        ("/policy#rights.1", {}, "/policy?lang=en#rights.1"),
        ("/requests/new", {"kind": "complaint"}, "/requests/new?kind=complaint&lang=en"),
        ("/x", {"a": "b&c=d"}, "/x?a=b%26c%3Dd&lang=en"),
    ],
)
def test_a_link_keeps_the_language_when_written(path: str, query: dict[str, str], link: str) -> None:
    assert _link(path, "en", **query) == link


@pytest.mark.parametrize("name", [name for name in _environment.list_templates() if name.endswith(".html")])
def test_a_template_is_sound_when_loaded(name: str) -> None:
    assert _environment.get_template(name).name == name


def test_a_value_is_escaped_when_shown() -> None:
    shown = _environment.from_string("<p>{{ value }}</p>").render(value="<script>'\"&")
    assert shown == "<p>&lt;script&gt;&#39;&#34;&amp;</p>"


def test_a_missing_value_is_an_error_when_shown() -> None:
    with pytest.raises(UndefinedError):
        _environment.from_string("{{ nothing }}").render()


async def test_the_shop_and_its_contact_are_known_when_rendering(desk: Any) -> None:
    app = SimpleNamespace(state=desk.app.state)
    page = render(_request("lang=en", app=app), "error.html", status=404, message="<b>gone</b>")
    text = bytes(page.body).decode()
    shop = desk.services.bundle.policy.shop
    assert page.status_code == 404
    assert "&lt;b&gt;gone&lt;/b&gt;" in text
    assert f'href="tel:{shop.phone}"' in text
    assert f'href="mailto:{shop.email}"' in text
    assert 'href="/page?lang=ja"' in text  # the same page in the other language
