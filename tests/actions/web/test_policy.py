"""The policy page: where every citation leads."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_every_clause_has_its_anchor_when_the_policy_is_shown(desk: Any, language: str) -> None:
    page = (await desk.client.get(f"/policy?lang={language}")).text
    policy = desk.services.bundle.policy
    text = html.unescape(page)
    assert re.findall(r'class="clause [^"]*" id="([^"]+)"', page) == list(policy.clause_ids)
    assert len(set(re.findall(r' id="([^"]+)"', page))) == len(re.findall(r' id="([^"]+)"', page))
    for unit in policy.units["ja"]:
        assert unit.text in text
    translated = [unit.text for unit in policy.units["en"] if unit.text != policy.get_unit(unit.clause_id).text]
    assert all((one in text) is (language == "en") for one in translated)
    assert policy.version in page


async def test_the_quote_is_there_when_a_citation_is_followed(desk: Any) -> None:
    answer = (await desk.client.post("/api/ask", json={"question": "個人情報を第三者に提供しますか"})).json()
    for citation in answer["citations"]:
        path, _, anchor = citation["url"].partition("#")
        page = await desk.client.get(path)
        assert page.status_code == 200
        at = page.text.index(f'id="{anchor}"')
        assert citation["quote"] in html.unescape(page.text[at:])


async def test_the_version_in_service_is_shown_when_its_address_is_opened(desk: Any) -> None:
    version = desk.services.bundle.policy.version
    response = await desk.client.get(f"/policy/{version}")
    assert response.status_code == 200
    assert version in response.text


@pytest.mark.parametrize("version", ["1-00000000", "x", "%2e%2e", "%00", "<script>", "1-00000000/x", "山田"])
async def test_a_version_is_not_found_when_unknown(desk: Any, version: str) -> None:
    response = await desk.client.get(f"/policy/{version}")
    assert response.status_code == 404
    assert "<script>" not in response.text
