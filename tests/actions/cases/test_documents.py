"""Documents: what is asked for at each level and of agents, what must be covered, and what the customer reads."""

from __future__ import annotations

import pytest

from actions.cases.documents import Document, describe_documents, get_document, list_authority, list_documents
from actions.cases.kinds import list_kinds
from actions.texts import LANGUAGES

AGENTS = ("", "legal", "appointed")
CASES = [(level, agent) for agent in AGENTS for level in (1, 2, 3)]


def _list_codes(level: int, agent: str = "") -> list[str]:
    return [document.code for document in list_documents(level, agent)]


def _list_all() -> dict[str, Document]:
    return {one.code: one for level, agent in CASES for one in list_documents(level, agent)}


def test_a_higher_level_asks_for_the_lower_ones_too_when_listed() -> None:
    assert _list_codes(1) == ["mail_code"]
    assert _list_codes(2) == ["mail_code", "member_login", "order_facts"]
    assert _list_codes(3)[:3] == _list_codes(2)
    assert len(_list_codes(3)) > 3


@pytest.mark.parametrize("level", [1, 2, 3])
def test_nothing_beyond_the_level_is_asked_for_when_the_person_asks(level: int) -> None:
    # APPI 37(4): no more of a burden than needed.
    assert max(document.level for document in list_documents(level)) == level


@pytest.mark.parametrize("kind", list_kinds())
def test_every_kinds_level_can_be_reached_when_its_documents_are_listed(kind: str) -> None:
    level = list_kinds()[kind].level
    assert level in {document.level for document in list_documents(level)}


def test_one_photo_or_two_others_are_needed_when_a_document_is_asked_for() -> None:
    needed = {one.code: one.needed for one in list_documents(3) if one.level == 3}
    assert needed == {
        "driving_licence": 1,
        "passport": 1,
        "residence_card": 1,
        "my_number_card": 1,
        "qualification_certificate": 2,
        "residence_record": 2,
        "seal_certificate": 2,
    }


@pytest.mark.parametrize("agent", ["legal", "appointed"])
def test_an_agent_shows_authority_and_who_the_agent_is_when_listed(agent: str) -> None:
    documents = list_documents(1, agent)
    assert {"authority", "identity"} <= {what for one in documents for what in one.proves}
    assert documents == list_documents(3, agent)
    # A login or an order is the other person's knowledge and proves nothing of the agent.
    assert "account" not in {what for one in documents for what in one.proves}


@pytest.mark.parametrize(
    ("agent", "codes"),
    [
        ("", ()),
        ("legal", ("family_register", "family_residence_record", "guardianship_registration")),
        ("appointed", ("power_of_attorney",)),
    ],
)
def test_authority_is_proved_by_its_own_papers_when_somebody_acts_for_another(
    agent: str, codes: tuple[str, ...]
) -> None:
    assert list_authority(agent) == codes


@pytest.mark.parametrize("agent", AGENTS)
def test_papers_on_authority_stand_in_for_no_identity_document_when_seen(agent: str) -> None:
    # Otherwise a power of attorney alone would make its bearer as sure as a passport does.
    for document in list_documents(3, agent):
        proves_nobody = {"authority", "principal"} & set(document.proves)
        assert (document.level == 0) == bool(proves_nobody)


def test_the_represented_person_shows_too_when_an_agent_was_appointed() -> None:
    proved = [one.code for one in list_documents(3, "appointed") if "principal" in one.proves]
    assert proved == ["principal_seal_certificate", "principal_identity"]
    assert [one.code for one in list_documents(3, "legal") if "principal" in one.proves] == []


@pytest.mark.parametrize(
    ("code", "mask"),
    [
        ("driving_licence", {"domicile"}),
        ("passport", {"domicile"}),
        ("my_number_card", {"my_number"}),
        ("qualification_certificate", {"insurer", "qr"}),
        ("residence_record", {"domicile", "family", "my_number"}),
        ("family_register", {"domicile", "family"}),
        ("power_of_attorney", set()),
    ],
)
def test_what_is_nobodys_business_is_covered_when_a_document_is_shown(code: str, mask: set[str]) -> None:
    assert set(get_document(code).mask) == mask


def test_papers_of_registers_are_recent_when_shown() -> None:
    aged = {code: one.months for code, one in _list_all().items() if one.months}
    assert set(aged.values()) == {6}
    assert set(aged) == {
        "residence_record",
        "seal_certificate",
        "family_register",
        "family_residence_record",
        "guardianship_registration",
        "principal_seal_certificate",
    }


@pytest.mark.parametrize("code", _list_all())
def test_a_document_is_named_in_both_languages_when_read(code: str) -> None:
    document = get_document(code)
    assert set(document.name) == set(LANGUAGES)
    assert all(name.strip() for name in document.name.values())
    assert document.proves


def test_a_passport_proves_no_address_when_read() -> None:
    assert get_document("passport").proves == ("identity",)
    assert "address" in get_document("driving_licence").proves


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("level", "agent"), CASES)
def test_every_document_is_named_and_my_number_kept_back_when_told(language: str, level: int, agent: str) -> None:
    told = describe_documents(language, level, agent)
    assert all(document.name[language] in told for document in list_documents(level, agent))
    assert {"ja": "マイナンバー(個人番号)", "en": "My Number (Individual Number)"}[language] in told.splitlines()[-1]
    assert {"ja": "決して", "en": "Never"}[language] in told.splitlines()[-1]
    assert not {"{", "}"} & set(told)
    assert len(told.splitlines()) <= 9


@pytest.mark.parametrize(("level", "agent"), [one for one in CASES if one[0] == 3 or one[1]])
def test_covering_and_copies_are_spoken_of_when_documents_are_shown(level: int, agent: str) -> None:
    told = describe_documents("ja", level, agent)
    assert all(
        part in told for part in ("本籍地", "保険者番号・記号・番号", "QRコード", "写しは保管しません", "6か月以内")
    )
    assert "必要ありません" not in told
    told = describe_documents("en", level, agent)
    assert all(part in told for part in ("honseki", "insurer number", "QR code", "keep no copies", "within 6 months"))


@pytest.mark.parametrize("level", [1, 2])
def test_no_document_is_asked_for_when_the_level_is_low(level: int) -> None:
    assert describe_documents("ja", level).splitlines()[-1].startswith("本人確認書類は必要ありません。")
    assert describe_documents("en", level).splitlines()[-1].startswith("No identity document is needed.")
    assert "隠して" not in describe_documents("ja", level)


def test_the_agents_own_document_is_told_apart_when_told() -> None:
    assert "代理人の方ご自身の本人確認書類1点" in describe_documents("ja", 3, "appointed")
    assert "委任した方の本人確認書類" in describe_documents("ja", 3, "appointed")
    assert "ご本人の本人確認書類1点" in describe_documents("ja", 3)
    assert "委任状" not in describe_documents("ja", 3, "legal")


@pytest.mark.parametrize(("level", "agent"), [(0, ""), (4, ""), (3, "friend")])
def test_an_unknown_level_or_agent_is_an_error_when_asked_for(level: int, agent: str) -> None:
    with pytest.raises(KeyError):
        list_documents(level, agent)
    with pytest.raises(KeyError):
        describe_documents("ja", level, agent)


def test_an_unknown_document_is_an_error_when_asked_for() -> None:
    with pytest.raises(KeyError):
        get_document("my_number_notice")
