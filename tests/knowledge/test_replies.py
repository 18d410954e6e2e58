"""Replies to send: every clause, register and language; verbatim quotes; marks for what is open, none when whole."""

from __future__ import annotations

import tomllib
from itertools import product
from pathlib import Path

import pytest

from knowledge.answer import Answer, Status
from knowledge.bindings import KINDS
from knowledge.bundle import Bundle
from knowledge.citation import cite_all
from knowledge.lookup import Certainty, Lookup
from knowledge.policy import LANGUAGES, Policy, load_former, load_policy
from knowledge.replies import (
    SLOT_MAX,
    Place,
    Purpose,
    Register,
    Reply,
    compose_reply,
    find_request,
    plan_reply,
)
from knowledge.templates import Templates, load_templates
from tests.editions import REWORDED, add_edition, copy_policy

HERE = Place("https://privacy.example.com", {})
EVERY = list(product(LANGUAGES, [one.value for one in Register]))
FILLED = {
    "name": "山田花子",
    "question": "配送会社に渡す情報",
    "staff": "佐藤",
    "answer_by": "2026年12月4日(金)",
    "pages": "https://privacy.example.com",
}


@pytest.fixture(scope="module")
def plain(policy: Policy) -> Bundle:
    """The policy without an index, which replies do not need."""
    return Bundle(policy, {}, "")


@pytest.fixture(scope="module")
def templates(shop: Path) -> Templates:
    return load_templates(shop)


def _reply(
    templates: Templates,
    bundle: Bundle,
    clause: str,
    register: str = "mail",
    language: str = "ja",
    place: Place = HERE,
    **filled: str,
) -> Reply:
    plan = plan_reply(bundle.policy, language, Register(register), clause_id=clause)
    assert plan
    return compose_reply(templates, bundle, plan, filled, place)


def _answer(policy: Policy, *clauses: str, text: str = "お答え", status: Status = Status.ANSWERED) -> Lookup:
    citations = cite_all(policy, clauses, "ja", "/policy")
    certainty = {Status.ANSWERED: Certainty.SURE, Status.OUT_OF_SCOPE: Certainty.ELSEWHERE}.get(
        status, Certainty.NEAR if clauses else Certainty.SILENT
    )
    return Lookup("質問", "ja", certainty, Answer(status, "ja", text, citations), citations)


@pytest.mark.parametrize(("language", "register"), EVERY)
def test_a_reply_is_whole_for_every_clause_when_all_is_given(
    templates: Templates, plain: Bundle, language: str, register: str
) -> None:
    for clause in plain.policy.clause_ids:
        reply = _reply(templates, plain, clause, register, language, **FILLED)
        assert reply.is_complete, clause
        assert not any(mark in reply.text + reply.subject for mark in templates.marks)
        assert "{" not in reply.text + reply.subject
        for value in (FILLED["name"], FILLED["question"], FILLED["staff"]):
            assert value in reply.text
        assert reply.changed == ()
        assert plain.policy.version in reply.text
        assert plain.policy.leads[clause][language] in reply.text
        assert plain.policy.shop.phone in reply.text
        assert plain.policy.shop.hours[language] in reply.text
        assert bool(reply.subject) == (register == "mail")


@pytest.mark.parametrize(("language", "register"), EVERY)
def test_quotes_are_verbatim_and_lead_to_their_clause(
    templates: Templates, plain: Bundle, language: str, register: str
) -> None:
    for clause in plain.policy.clause_ids:
        reply = _reply(templates, plain, clause, register, language, **FILLED)
        assert clause in {one.clause_id for one in reply.citations}
        for citation in reply.citations:
            unit = plain.policy.get_unit(citation.clause_id)
            assert f"「{unit.text}」" in reply.text
            assert f"「{unit.section}」" in reply.text or f"({unit.section})" in reply.text
            assert f"https://privacy.example.com/policy/{plain.policy.version}#{citation.clause_id}\n" in reply.text
            assert (plain.policy.get_unit(citation.clause_id, "en").text in reply.text) == (
                language == "en" or unit.text == plain.policy.get_unit(citation.clause_id, "en").text
            )


@pytest.mark.parametrize(("language", "register"), EVERY)
def test_each_open_slot_has_its_mark_until_it_is_filled(
    templates: Templates, plain: Bundle, language: str, register: str
) -> None:
    for clause in ("entrusted.1.2", "rights.1", "rights.7"):
        bare = _reply(templates, plain, clause, register, language, Place())
        names = [slot.name for slot in bare.slots]
        assert {"name", "question", "staff", "pages"} <= {*names}
        assert ("answer_by" in names) == (bare.plan.purpose is Purpose.RIGHT)
        for slot in bare.slots:
            assert slot.mark in bare.text
            others = {name: value for name, value in FILLED.items() if name != slot.name}
            reply = _reply(templates, plain, clause, register, language, Place(), **others)
            assert not reply.is_complete
            assert reply.open_slots == (slot,)
            assert slot.mark in reply.text
        assert _reply(templates, plain, clause, register, language, Place(), **FILLED).is_complete


@pytest.mark.parametrize(
    "value",
    ["", " ", "\n", "\0", "　", "［要記入：お名前］", "x ［要記入：お名前］", "[to fill in: name]", "様", "さん"],
)
def test_a_slot_stays_open_when_what_is_filled_in_says_nothing(templates: Templates, plain: Bundle, value: str) -> None:
    reply = _reply(templates, plain, "use", **{**FILLED, "name": value})
    assert [slot.name for slot in reply.open_slots] == ["name"]


@pytest.mark.parametrize("value", ["privacy.example.com", "javascript:alert(1)", "https://a b", "http:/x"])
def test_the_desks_address_stays_open_when_it_is_none(templates: Templates, plain: Bundle, value: str) -> None:
    reply = _reply(templates, plain, "use", place=Place(), **{**FILLED, "pages": value})
    assert [slot.name for slot in reply.open_slots] == ["pages"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("山田花子様", "山田花子 様\n"),
        ("山田花子 さん", "山田花子 様\n"),
        ("{phone} {0} {", "{phone} {0} { 様\n"),
        ("<b>%s</b>", "<b>%s</b> 様\n"),
        ("山田\r\n花子", "山田 花子 様\n"),
        ("あ" * (SLOT_MAX + 5), "あ" * SLOT_MAX + " 様\n"),
    ],
)
def test_a_value_is_taken_as_it_is_in_one_line(templates: Templates, plain: Bundle, value: str, shown: str) -> None:
    reply = _reply(templates, plain, "use", **{**FILLED, "name": value})
    assert reply.is_complete
    assert reply.text.startswith(shown)


def test_a_reply_on_a_right_tells_what_its_kind_says(templates: Templates, plain: Bundle) -> None:
    kinds = tomllib.loads(KINDS.read_text("utf-8"))
    assert len(kinds) == 6
    for kind, row in kinds.items():
        request = find_request(row["clauses"][0])
        assert request
        assert (request.kind, request.level, request.may_cost) == (kind, row["level"], row["fee_allowed"])
        for language, register in product(LANGUAGES, Register):
            reply = _reply(templates, plain, row["clauses"][0], register.value, language, **FILLED)
            table = templates.tables[language]
            assert reply.plan.purpose is Purpose.RIGHT
            assert table["provide"][str(row["level"])] in reply.text
            assert f"/requests/new?kind={kind}&lang={language}" in reply.text
            assert (table["pieces"]["fee_none"] in reply.text) == row["fee_allowed"]


@pytest.mark.parametrize(
    ("clause", "fees", "said", "unsaid"),
    [
        ("rights.1", None, ["fee_possible"], ["fee_none", "fee"]),
        ("rights.1", {}, ["fee_none"], ["fee_possible", "fee"]),
        ("rights.1", {"disclosure": 500}, ["fee"], ["fee_possible", "fee_none"]),
        ("rights.1", {"purpose_notice": 500}, ["fee_none"], ["fee_possible", "fee"]),
        ("rights.4", {"disclosure": 500}, [], ["fee_possible", "fee_none", "fee"]),
        ("rights.4", None, [], ["fee_possible", "fee_none", "fee"]),
        ("purpose", None, [], ["fee_possible", "fee_none", "fee"]),
    ],
)
def test_a_fee_is_told_where_the_kind_may_cost(
    templates: Templates, plain: Bundle, clause: str, fees: dict[str, int] | None, said: list[str], unsaid: list[str]
) -> None:
    for language, register in product(LANGUAGES, ("chat", "mail")):
        pieces = templates.tables[language]["pieces"]
        text = _reply(templates, plain, clause, register, language, Place("https://x.example.com", fees), **FILLED).text
        assert [name for name in said if pieces[name].format(yen=500) not in text] == []
        assert [name for name in unsaid if pieces[name].format(yen=500) in text] == []
        assert "\n\n\n" not in text


def test_a_reply_says_that_the_policy_does_not_say_when_it_does_not(templates: Templates, plain: Bundle) -> None:
    for found in (
        _answer(plain.policy, status=Status.NOT_COVERED),
        _answer(plain.policy, "contact", status=Status.NOT_COVERED),  # the nearest clause is no answer
    ):
        plan = plan_reply(plain.policy, "ja", Register.MAIL, found=found)
        assert plan
        assert (plan.purpose, plan.clauses) == (Purpose.NOT_COVERED, ())
        reply = compose_reply(templates, plain, plan, FILLED, HERE)
        assert "記載が見当たりません" in reply.text
        assert f"https://privacy.example.com/policy/{plain.policy.version}\n" in reply.text
        assert FILLED["answer_by"] in reply.text
        assert reply.citations == ()


def test_there_is_no_reply_to_what_is_not_this_desks(plain: Bundle) -> None:
    found = _answer(plain.policy, status=Status.OUT_OF_SCOPE)
    assert plan_reply(plain.policy, "ja", Register.MAIL, found=found) is None
    assert plan_reply(plain.policy, "ja", Register.MAIL) is None
    assert plan_reply(plain.policy, "ja", Register.MAIL, found=found, clause_id="use")  # somebody knows better


def test_a_reply_gives_the_answer_with_all_that_it_rests_on(plain: Bundle) -> None:
    found = _answer(plain.policy, "collected.3", "collected", "third_party.5", "third_party", text="二つのお答え")
    mail = plan_reply(plain.policy, "ja", Register.MAIL, found=found)
    chat = plan_reply(plain.policy, "ja", Register.CHAT, found=found)
    english = plan_reply(plain.policy, "en", Register.CHAT, found=found)
    assert all((mail, chat, english))
    assert {*mail.clauses} == {"collected.3", "collected", "third_party.5", "third_party"}
    assert chat.clauses == english.clauses == ("collected.3", "third_party.5")
    assert mail.text == chat.text == "二つのお答え"
    leads = plain.policy.leads
    assert english.text == f"{leads['collected.3']['en']}\n{leads['third_party.5']['en']}"


def test_a_chosen_clause_replaces_the_answer(plain: Bundle) -> None:
    found = _answer(plain.policy, "collected.3", "collected", text="別のお答え")
    plan = plan_reply(plain.policy, "ja", Register.MAIL, found=found, clause_id="entrusted.1")
    assert plan
    assert plan.text == plain.policy.leads["entrusted.1"]["ja"]
    assert plan.clauses == ("entrusted.1", "entrusted", "entrusted.1.1", "entrusted.1.2", "entrusted.1.3")
    with pytest.raises(KeyError):
        plan_reply(plain.policy, "ja", Register.MAIL, found=found, clause_id="nowhere")


def test_a_template_is_flagged_when_a_clause_it_quotes_has_changed(
    templates: Templates, shop: Path, tmp_path: Path
) -> None:
    newer = copy_policy(shop, tmp_path)
    add_edition(newer, REWORDED)
    bundle = Bundle(load_policy(newer), {}, "", former=load_former(newer))
    changed = _reply(templates, bundle, "third_party.2", **FILLED)  # a mail quotes what it stands under
    assert changed.changed == ("third_party",)
    assert changed.is_complete
    assert changed.reviewed == "1-48acc39a"
    assert "書面による" in changed.text
    assert _reply(templates, bundle, "third_party.2", "chat", **FILLED).changed == ()
    assert _reply(templates, bundle, "rights.1", **FILLED).changed == ()


def test_everything_is_flagged_when_the_reviewed_version_is_not_known(plain: Bundle) -> None:
    assert plain.find_changed("7-00000000", ["use", "contact"]) == ("use", "contact")
    assert plain.find_changed(plain.policy.version, ["use", "contact"]) == ()
