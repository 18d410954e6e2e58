"""Our own files: kept by browsers as long as their address says, and never what is not there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from actions.web.files import FOR_AN_HOUR, FOR_EVER
from actions.web.pages import STATIC_FOLDER, find_static


@pytest.mark.parametrize("name", ["chat.js", "desk.css", "tokens.css", "widget.js", "icon.svg"])
async def test_a_file_is_kept_when_its_address_names_its_content(desk: Any, name: str) -> None:
    assert re.fullmatch(rf"/static/{re.escape(name)}\?v=[0-9a-f]{{12}}", find_static(name))
    named, bare = await desk.client.get(find_static(name)), await desk.client.get(f"/static/{name}")
    assert named.headers["cache-control"] == FOR_EVER
    assert bare.headers["cache-control"] == FOR_AN_HOUR
    assert named.content == bare.content == (STATIC_FOLDER / name).read_bytes()
    assert named.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["none.js?v=1", "../pages.py?v=1", "%2e%2e/pages.py", "", "none"])
async def test_nothing_is_kept_when_there_is_no_such_file(desk: Any, path: str) -> None:
    response = await desk.client.get(f"/static/{path}")
    assert response.status_code in {404, 405}
    assert response.headers["cache-control"] == "no-store"
