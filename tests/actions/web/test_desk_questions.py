"""The officer's page of unanswered questions: read, worded anew, decided once, and exported; nobody's words leave."""

from __future__ import annotations

import html
from typing import Any

import pytest

from actions.cases.questions import Asked, Vote
from actions.texts import LANGUAGES, say
from actions.web.desk_questions import LONGEST, MOST_WORDINGS, Chosen, DecisionForm, fold, read_filter, read_wordings
from tests.actions.web.officers import Officer, PageForm, read_forms

TEXTS = ("貝殻の名簿は作りますか", "貝殻の名簿を作っていますか", "砂の記録は誰が読みますか")
OWN = "貝について一覧にしているのでしょうか"


@pytest.fixture
def ids(desk: Any) -> dict[str, str]:
    """Three open questions, text → id, and an answer voted down."""
    services = desk.services
    services.conversations.open("c1", "ja")
    for number, text in enumerate(TEXTS):
        services.questions.record("c1", f"m{number}", Asked("ja", "not_covered", "1-0", ("use",), "use", text))
    asked = Asked("ja", "answered", "1-0", ("purpose",), "purpose", "波の音は何に使いますか")
    services.questions.vote("c1", "m9", Vote("down", "wrong_source"), asked)
    return {one.text: one.id for queue in ("open", "feedback") for one in services.reviews.list_queue(queue, "ja")}


async def _find_form(officer: Officer, identity: str) -> PageForm:
    page = (await officer.client.get(f"/desk/questions/{identity}")).text
    return next(form for form in read_forms(page) if form.action.startswith(f"/desk/questions/{identity}?"))


async def _decide(officer: Officer, identity: str, *entries: str, **filled: str) -> Any:
    form = await _find_form(officer, identity)
    return await officer.client.post(form.action, data={**form.values, "entry": list(entries or [identity]), **filled})


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_queue_shows_groups_with_their_numbers(officer: Officer, ids: dict[str, str], language: str) -> None:
    page = await officer.open(f"/desk/questions?lang={language}")
    assert f"(3) {say(language, 'unanswered.tabs.open')}" in page
    assert say(language, "unanswered.groups", count=2) in page
    assert sum(text in page for text in TEXTS) == 2  # one stands for the two that are alike
    assert page.count('<svg class="spark"') == 2
    assert "波の音" not in page
    feedback = await officer.open(f"/desk/questions?tab=feedback&lang={language}")
    assert "波の音は何に使いますか" in feedback
    assert say(language, "unanswered.reasons.wrong_source") in feedback


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("language=en", 0),
        ("language=ja", 2),
        ("section=use", 2),
        ("section=purpose", 0),
        ("section=-", 0),
        ("section=x", 2),
    ],
)
async def test_the_queue_is_filtered_by_the_address(
    officer: Officer, ids: dict[str, str], query: str, count: int
) -> None:
    page = await officer.open(f"/desk/questions?{query}")
    assert page.count('<svg class="spark"') == count


async def test_a_page_shows_the_group_and_prefills_nothing(officer: Officer, ids: dict[str, str]) -> None:
    page = await officer.open(f"/desk/questions/{ids[TEXTS[0]]}")
    assert TEXTS[0] in page
    assert TEXTS[1] in page
    assert TEXTS[2] not in page
    policy = officer.office.services.bundle.policy
    assert policy.get_unit("use").text in page
    form = await _find_form(officer, ids[TEXTS[0]])
    assert (form.values["wording"], form.values["clause"], form.values["topic"]) == ("", "", "")
    assert "decision" not in form.values
    assert set(form.choices["entry"]) == {ids[TEXTS[0]], ids[TEXTS[1]]}
    assert set(form.choices["clause"]) == {"", *policy.clause_ids}


@pytest.mark.parametrize(("decision", "more"), [("clause", {"clause": "use"}), ("silent", {"topic": "shell_lists"})])
async def test_a_decision_is_kept_and_the_texts_go(
    officer: Officer, ids: dict[str, str], decision: str, more: dict[str, str]
) -> None:
    one, other = ids[TEXTS[0]], ids[TEXTS[1]]
    response = await _decide(
        officer, one, one, other, decision=decision, wording=f" {OWN} \n\nもう一つの言い方です", **more
    )
    assert response.status_code == 303
    services = officer.office.services
    wordings = services.reviews.list_wordings()
    assert [(word.text, word.label, word.questions) for word in wordings] == [
        (OWN, next(iter(more.values())), 2),
        ("もう一つの言い方です", next(iter(more.values())), 2),
    ]
    assert set(ids.values()) - {one, other} == {
        question.id for queue in ("open", "feedback") for question in services.reviews.list_queue(queue, "ja")
    }
    page = await officer.open(response.headers["location"])
    assert say("ja", "unanswered.done") in page
    decided = await officer.open("/desk/questions?tab=decided")
    assert OWN in decided
    assert not any(text in decided for text in TEXTS)
    audit = await officer.open("/desk/audit")
    assert say("ja", "desk.actions.decide_questions") in audit
    assert say("ja", f"unanswered.decisions.{decision}") in audit
    assert OWN not in audit


async def test_what_is_not_for_the_desk_is_discarded(officer: Officer, ids: dict[str, str]) -> None:
    response = await _decide(officer, ids[TEXTS[2]], decision="discarded", wording="これは学習しません")
    assert response.status_code == 303
    assert officer.office.services.reviews.list_wordings() == []
    assert officer.office.services.reviews.count().decided == 1


@pytest.mark.parametrize(
    ("filled", "problem"),
    [
        ({"decision": ""}, "decision"),
        ({"decision": "granted"}, "decision"),
        ({"clause": ""}, "clause"),
        ({"clause": "gone.1"}, "clause"),
        ({"decision": "silent", "topic": ""}, "topic"),
        ({"decision": "silent", "topic": "貝殻"}, "topic"),
        ({"decision": "silent", "topic": "Shell Lists"}, "topic"),
        ({"wording": ""}, "wording"),
        ({"wording": " \n \n"}, "wording"),
        ({"wording": "貝"}, "wording"),
        ({"wording": "貝" * (LONGEST + 1)}, "wording"),
        ({"wording": "\n".join(f"貝の言い方{number}" for number in range(MOST_WORDINGS + 1))}, "wording"),
        ({"wording": TEXTS[0]}, "verbatim"),
        ({"wording": f"{OWN}\n{TEXTS[1]}!?"}, "verbatim"),
        ({"wording": TEXTS[2]}, "verbatim"),  # nor another customer's
        ({"wording": "山田花子の貝は一覧にしますか"}, "contact"),
        ({"wording": "hanako@example.com の貝は一覧にしますか"}, "contact"),
        ({"wording": "03-0000-0000 の貝は一覧にしますか"}, "contact"),
        ({"entry": ""}, "entry"),
        ({"entry": "0000000000000000"}, "entry"),
    ],
)
async def test_what_cannot_be_taken_comes_back_as_it_was_typed(
    officer: Officer, ids: dict[str, str], filled: dict[str, str], problem: str
) -> None:
    identity = ids[TEXTS[0]]
    form = await _find_form(officer, identity)
    given = {"decision": "clause", "clause": "use", "wording": OWN, "entry": identity, "topic": "", **filled}
    response = await officer.client.post(form.action, data={**form.values, **given})
    assert response.status_code == 422
    page = html.unescape(response.text)
    limits = {"most": MOST_WORDINGS, "shortest": 4, "longest": LONGEST}
    assert say("ja", f"unanswered.problems.{problem}", **limits) in page
    (again,) = [one for one in read_forms(response.text) if one.action.startswith(f"/desk/questions/{identity}?")]
    assert again.values["wording"].strip() == given["wording"].strip()
    assert officer.office.services.reviews.count().decided == 0


async def test_what_was_typed_is_shown_when_the_question_is_gone(officer: Officer, ids: dict[str, str]) -> None:
    identity = ids[TEXTS[0]]
    form = await _find_form(officer, identity)
    officer.office.services.conversations.delete("c1")
    given = {**form.values, "decision": "clause", "clause": "use", "wording": OWN, "entry": identity}
    response = await officer.client.post(form.action, data=given)
    assert response.status_code == 409
    assert OWN in response.text
    assert say("ja", "unanswered.gone") in response.text
    assert officer.office.services.reviews.list_wordings() == []
    await officer.open(f"/desk/questions/{identity}", status=404)


async def test_only_the_ticked_questions_are_decided_when_others_have_come(
    officer: Officer, ids: dict[str, str]
) -> None:
    identity = ids[TEXTS[0]]
    form = await _find_form(officer, identity)
    asked = Asked("ja", "not_covered", "1-0", text="貝殻の名簿は作るんですか")
    officer.office.services.questions.record("c1", "later", asked)
    given = {**form.values, "decision": "clause", "clause": "use", "wording": OWN, "entry": form.choices["entry"]}
    response = await officer.client.post(form.action, data=given)
    assert response.status_code == 303
    left = [one.text for one in officer.office.services.reviews.list_queue("open", "ja")]
    assert sorted(left) == sorted([TEXTS[2], asked.text])


async def test_a_form_of_another_site_is_refused(officer: Officer, ids: dict[str, str]) -> None:
    form = await _find_form(officer, ids[TEXTS[0]])
    response = await officer.client.post(
        form.action, data={"decision": "discarded", "entry": ids[TEXTS[0]]}, headers={"sec-fetch-site": "cross-site"}
    )
    assert response.status_code == 403
    assert officer.office.services.reviews.count().decided == 0


async def test_measures_draw_what_was_not_answered_by_section(officer: Officer, ids: dict[str, str]) -> None:
    page = await officer.open("/desk/measures")
    assert say("ja", "charts.sections") in page
    heading = officer.office.services.bundle.policy.get_unit("use").section
    assert f'<tr><th scope="row">{heading}</th><td class="figure">3</td></tr>' in page
    assert 'role="img"' in page
    assert "style=" not in page
    assert "<style" not in page


async def test_what_is_unknown_in_an_address_filters_nothing(officer: Officer) -> None:
    from starlette.datastructures import QueryParams

    services = officer.office.services
    assert read_filter(QueryParams("tab=x&language=fr&section=x"), services) == Chosen()
    assert read_filter(QueryParams("tab=feedback&language=en&section=-"), services) == Chosen("feedback", "en", "-")


def test_wordings_are_lines_each_once() -> None:
    assert read_wordings(DecisionForm(wording="一つ目\r\n 一つ目 \n\n二つ目")) == ("一つ目", "二つ目")
    assert fold("Ａ、b? C") == "abc"
