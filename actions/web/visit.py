"""Which conversation a browser is in: by its cookie, else by a field of the page's own forms.

The field serves browsers that keep no cookies (private windows, frames on another site). It holds the same signed id,
and like the cookie it never stands in an address.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response

from actions.web.context import Context

COOKIE = "madoguchi_conversation"


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser's conversation. `is_known`: it named one itself, which may still have to begin."""

    conversation_id: str
    by_cookie: bool
    is_known: bool

    @property
    def field(self) -> str:
        """The id for the forms, "" where the cookie says it."""
        return "" if self.by_cookie else self.conversation_id


def read_visit(request: Request, here: Context, field: str = "") -> Visit:
    """The conversation of a request; without a valid cookie or field a new one, of which nothing is kept yet."""
    cookie = here.gateway.verify(request.cookies.get(COOKIE))
    if cookie:
        return Visit(cookie, by_cookie=True, is_known=True)
    named = here.gateway.verify(field)
    return Visit(named or here.gateway.make_conversation_id(), by_cookie=False, is_known=named is not None)


def remember(response: Response, here: Context, conversation_id: str) -> None:
    """Give the browser the cookie: for this site, until it is closed, out of reach of scripts."""
    secure = here.services.settings.public_url.startswith("https://")
    response.set_cookie(COOKIE, conversation_id, httponly=True, samesite="lax", secure=secure, path="/")


def forget(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, path="/")
