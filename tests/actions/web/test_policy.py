"""The policy page: where every citation leads."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from actions.texts import say
from tests.editions import NEW_SENTENCE, OLD_SENTENCE

THIRD_PARTY = "個人情報を第三者に提供しますか"


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
    answer = (await desk.client.post("/api/ask", json={"question": THIRD_PARTY})).json()
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


async def test_a_stored_citation_leads_to_its_text_when_a_newer_edition_is_in_force(publishing_desk: Any) -> None:
    desk, publish = publishing_desk
    await desk.client.post("/", data={"message": THIRD_PARTY})
    old, new = publish()
    page = re.sub(r"</?mark>", "", (await desk.client.get("/?lang=ja")).text)
    assert OLD_SENTENCE in page
    assert NEW_SENTENCE not in page
    (link,) = re.findall(r'href="(/policy/[^"]+#third_party)"', page)
    assert link == f"/policy/{old.version}?lang=ja#third_party"
    shown = await desk.client.get(link.partition("#")[0])
    assert shown.status_code == 200
    clause = html.unescape(shown.text[shown.text.index('id="third_party"') :])
    assert clause.index(old.get_unit("third_party").text) < clause.index('id="third_party.1"')
    assert new.get_unit("third_party").text not in html.unescape(shown.text)


async def test_an_answer_cites_the_new_edition_when_it_is_in_force(publishing_desk: Any) -> None:
    desk, publish = publishing_desk
    _, new = publish()
    answer = (await desk.client.post("/api/ask", json={"question": THIRD_PARTY})).json()
    first = answer["citations"][0]
    assert first["policy_version"] == new.version
    assert NEW_SENTENCE in first["quote"]
    page = await desk.client.get(first["url"].partition("#")[0])
    assert first["quote"] in html.unescape(page.text)


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_an_old_version_says_so_and_leads_to_the_one_in_force(publishing_desk: Any, language: str) -> None:
    desk, publish = publishing_desk
    old, new = publish()
    page = html.unescape((await desk.client.get(f"/policy/{old.version}?lang={language}")).text)
    assert say(language, "pages.superseded", version=old.version) in page
    link = f'<a href="/policy/{new.version}?lang={language}">'
    assert f"{link}{say(language, 'pages.see_in_force', version=new.version)}</a>" in page
    assert say(language, "pages.version", version=old.version) in page


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_version_in_force_says_nothing_of_the_kind(publishing_desk: Any, language: str) -> None:
    desk, publish = publishing_desk
    _, new = publish()
    for path in ("/policy", f"/policy/{new.version}"):
        page = html.unescape((await desk.client.get(f"{path}?lang={language}")).text)
        assert "superseded" not in page
        assert new.get_unit("third_party").text in page


async def test_all_versions_are_listed_when_there_are_several(publishing_desk: Any) -> None:
    desk, publish = publishing_desk
    old, new = publish()
    for shown in (old, new):
        page = (await desk.client.get(f"/policy/{shown.version}?lang=ja")).text
        listed = page[page.index('id="all-versions"') :]
        assert re.findall(r'<li><a href="/policy/([^?"]+)\?lang=ja"', listed) == [old.version, new.version]
        assert re.findall(r'([^/?"]+)\?lang=ja" aria-current="page"', listed) == [shown.version]
        assert listed.count(say("ja", "pages.in_force")) == 1
        assert listed.index(new.version) < listed.index(say("ja", "pages.in_force"))
        assert len(set(re.findall(r' id="([^"]+)"', page))) == len(re.findall(r' id="([^"]+)"', page))


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_no_versions_are_listed_when_there_is_one(desk: Any, language: str) -> None:
    page = (await desk.client.get(f"/policy?lang={language}")).text
    assert "all-versions" not in page
    assert "superseded" not in page


async def test_a_version_is_not_found_when_no_edition_ever_had_it(publishing_desk: Any) -> None:
    desk, publish = publishing_desk
    old, new = (one.version for one in publish())
    for version in ("1", "2", "3-00000000", f"1-{new[2:]}", f"2-{old[2:]}"):
        response = await desk.client.get(f"/policy/{version}?lang=en")
        assert response.status_code == 404
        assert say("en", "errors.not_found") in html.unescape(response.text)


async def test_what_changed_is_shown_word_by_word_when_there_is_a_newer_edition(publishing_desk: Any) -> None:
    desk, publish = publishing_desk
    old, new = publish()
    page = (await desk.client.get(f"/policy/{new.version}/changes?lang=ja")).text
    assert page.count('<article class="card">') == 1
    assert "<ins>書面による</ins>" in page
    assert "<del>" not in page
    assert f'href="/policy/{new.version}?lang=ja#third_party"' in page
    assert say("ja", "pages.changes_lead", version=old.version) in html.unescape(page)
    english = (await desk.client.get(f"/policy/{new.version}/changes?lang=en")).text
    assert "<ins>written </ins>" in english or "<ins> written</ins>" in english
    first = (await desk.client.get(f"/policy/{old.version}/changes?lang=ja")).text
    assert say("ja", "pages.changes_first") in first
    assert f'href="/policy/{new.version}/changes?lang=ja"' in (await desk.client.get("/policy?lang=ja")).text


async def test_an_unknown_version_has_no_changes_when_asked_for(desk: Any) -> None:
    assert (await desk.client.get("/policy/9-00000000/changes")).status_code == 404


async def test_both_languages_stand_side_by_side_when_asked_for(desk: Any) -> None:
    policy = desk.services.bundle.policy
    page = html.unescape((await desk.client.get("/policy?lang=ja&view=both")).text)
    assert all(unit.text in page for language in ("ja", "en") for unit in policy.units[language])
    assert say("ja", "pages.policy_one") in page
    assert f'href="/policy/{policy.version}?view=both&lang=ja"' in html.unescape(
        (await desk.client.get("/policy?lang=ja")).text
    )


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_a_clause_answers_when_it_is_asked_about(desk: Any, language: str) -> None:
    page = html.unescape((await desk.client.get(f"/policy?lang={language}")).text)
    asked = re.findall(r'name="message" value="([^"]+)"', page)
    policy = desk.services.bundle.policy
    assert len(asked) == len(policy.clause_ids)
    for clause_id, question in zip(policy.clause_ids, asked, strict=True):
        answer = (await desk.client.post("/api/ask", json={"question": question, "language": language})).json()
        assert clause_id in [one["clause_id"] for one in answer["citations"]], question


async def test_nobody_asks_about_a_clause_when_it_is_no_longer_in_force(publishing_desk: Any) -> None:
    desk, publish = publishing_desk
    old, _ = publish()
    assert 'class="ask"' not in (await desk.client.get(f"/policy/{old.version}")).text
