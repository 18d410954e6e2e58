"""The record of a conversation: to print and to keep."""

from __future__ import annotations

import html
from typing import Any

import pytest

from actions.texts import say

THIRD_PARTY = "個人情報を第三者に提供しますか"


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_whole_conversation_is_on_the_page_when_printed(desk: Any, language: str) -> None:
    for message in (THIRD_PARTY, "クッキーは使っていますか"):
        await desk.client.post("/", data={"message": message})
    page = (await desk.client.get(f"/conversation/transcript?lang={language}")).text
    assert page.count('class="asked"') == 2
    assert say(language, "pages.transcript_print") in html.unescape(page)
    assert "composer" not in page


async def test_the_text_has_every_quote_with_its_place_and_version_when_saved(desk: Any) -> None:
    await desk.client.post("/", data={"message": THIRD_PARTY})
    response = await desk.client.get("/conversation/transcript.txt")
    policy = desk.services.bundle.policy
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="madoguchi.txt"'
    assert response.headers["cache-control"] == "no-store"
    assert f"[{say('ja', 'pages.you')}]\n{THIRD_PARTY}\n" in response.text
    assert f"  > {policy.get_unit('third_party').text}\n" in response.text
    assert policy.version in response.text


@pytest.mark.parametrize("path", ["/conversation/transcript", "/conversation/transcript.txt"])
async def test_it_is_given_without_cookies_when_the_form_names_the_conversation(desk: Any, path: str) -> None:
    await desk.client.post("/", data={"message": THIRD_PARTY})
    conversation = desk.client.cookies["madoguchi_conversation"]
    desk.client.cookies.clear()
    assert (await desk.client.get(path)).status_code == 404
    assert (await desk.client.get(f"{path}?conversation={conversation}")).status_code == 404
    response = await desk.client.post(path, data={"conversation": conversation})
    assert response.status_code == 200
    assert THIRD_PARTY in response.text


@pytest.mark.parametrize("path", ["/conversation/transcript", "/conversation/transcript.txt"])
async def test_there_is_none_when_the_conversation_is_deleted(desk: Any, path: str) -> None:
    await desk.client.post("/", data={"message": THIRD_PARTY})
    cookies = dict(desk.client.cookies)
    await desk.client.post("/conversation/delete")
    desk.client.cookies.update(cookies)
    assert (await desk.client.get(path)).status_code == 404


async def test_another_site_cannot_ask_for_it_when_it_sends_a_form(desk: Any) -> None:
    await desk.client.post("/", data={"message": THIRD_PARTY})
    response = await desk.client.post("/conversation/transcript", headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    assert THIRD_PARTY not in response.text
