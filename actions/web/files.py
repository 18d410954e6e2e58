"""Our own files for browsers: an address that names the content's hash is kept for ever, any other for an hour."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"  # the widget's script stands in the shop's pages under its bare name


class KeptFiles(StaticFiles):
    """Static files that say how long they may be kept."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or what says that there is none, which nobody keeps."""
        response = await super().get_response(path, scope)
        if response.status_code in {200, 304}:
            named = parse_qs(scope.get("query_string", b"")).get(b"v")
            response.headers["cache-control"] = FOR_EVER if named else FOR_AN_HOUR
        return response
