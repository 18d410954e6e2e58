"""A sample shop that embeds the desk by one script tag, under a strict policy of its own, as a careful shop would have.

No part of the desk: it runs beside it, on another origin (`python -m actions demo`).
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from actions.texts import LANGUAGES

_FOLDER = Path(__file__).with_name("shop_page")


def make_shop(desk: str) -> Starlette:
    """The shop, for a desk at this address ("http://127.0.0.1:8000"). Raises: ValueError: that is no address."""
    parts = urlsplit(desk)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(f"not the address of a desk: {desk!r}")
    origin = f"{parts.scheme}://{parts.netloc}"
    headers = {"content-security-policy": write_policy(origin), "referrer-policy": "no-referrer"}
    pages = {name: Template((_FOLDER / f"{name}.html").read_text("utf-8")) for name in LANGUAGES}

    async def show(request: Request) -> Response:
        page = pages.get(request.query_params.get("lang", ""), pages["ja"])
        return HTMLResponse(page.substitute(desk=escape(origin)), headers=headers)

    async def style(request: Request) -> Response:  # noqa: ARG001  Starlette's signature
        return FileResponse(_FOLDER / "shop.css", headers=headers)

    return Starlette(routes=[Route("/", show), Route("/shop.css", style)])


def write_policy(desk: str) -> str:
    """The shop's Content-Security-Policy: its own style, and of the desk the script and the frame, nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {desk}",
            "style-src 'self'",
            f"frame-src {desk}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
