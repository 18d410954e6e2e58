from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.bindings import Register, Rows, load_register
from knowledge.errors import KnowledgeError, PolicyFormatError, UnknownVersionError
from knowledge.policy import VERSIONS, Unit, compute_version, load_policy
from knowledge.revision import KINDS, ClauseChange, Edition, Revision, compare, find_edition
from tests.editions import NEW_SENTENCE, REWORDED, add_edition, change_files, copy_policy

_NOTHING = Register({}, {}, {})
# A draft with one change of every kind; what is said of its clauses still fits the old text.
_DRAFT = {
    "policy.ja.md": [
        *REWORDED["policy.ja.md"],
        ("6. 生年月日 {#collected.6}\n", ""),
        ("   3. その他 {#entrusted.1.3}", "   3. 佐川急便株式会社 {#entrusted.1.4}\n   4. その他 {#entrusted.1.3}"),
        ("## 個人情報の利用 {#use}", "## 個人情報のご利用 {#use}"),
    ],
    "policy.en.md": [
        ("6. Date of birth {#collected.6}\n", ""),
        ("   3. Others {#entrusted.1.3}", "   3. Sagawa Express {#entrusted.1.4}\n   4. Others {#entrusted.1.3}"),
        ("5. Gender {#collected.5}", "5. Sex {#collected.5}"),
    ],
}


@pytest.fixture
def drafted(shop: Path, tmp_path: Path) -> Path:
    """The real policy with a draft of a second edition, without wordings."""
    folder = copy_policy(shop, tmp_path / "drafted")
    add_edition(folder, _DRAFT)
    return folder


@pytest.fixture
def revision(drafted: Path, shop: Path) -> Revision:
    return compare(find_edition(drafted, "1"), find_edition(drafted, "2"), load_register(shop))


def _find(revision: Revision, clause_id: str) -> ClauseChange:
    return next(change for change in revision.clauses if change.clause_id == clause_id)


def test_every_change_is_found_and_nothing_else(revision: Revision) -> None:
    assert {change.clause_id: change.kinds for change in revision.clauses} == {
        "collected.5": ("rendering",),
        "third_party": ("changed",),
        "entrusted.1.4": ("added",),
        "entrusted.1.3": ("moved",),
        "collected.6": ("removed",),
    }
    assert [change.clause_id for change in revision.clauses][-1] == "collected.6"  # what is gone comes last
    assert not revision.is_empty
    assert (revision.old, revision.new[:2]) == ("1-48acc39a", "2-")


def test_texts_before_and_after_are_kept_with_their_places(revision: Revision) -> None:
    reworded, added = _find(revision, "third_party"), _find(revision, "entrusted.1.4")
    assert NEW_SENTENCE in reworded.after["ja"].text
    assert NEW_SENTENCE not in reworded.before["ja"].text
    assert reworded.before["en"] == reworded.after["en"]
    assert (added.before, added.after["en"].text) == ({}, "Sagawa Express")
    moved, removed = _find(revision, "entrusted.1.3"), _find(revision, "collected.6")
    assert (moved.before["ja"].item, moved.after["ja"].item) == ("1.3", "1.4")
    assert (removed.before["ja"].text, removed.after) == ("生年月日", {})


def test_heading_is_a_change_of_its_own(revision: Revision) -> None:
    (heading,) = revision.headings
    assert heading.section_id == "use"
    assert (heading.before["ja"], heading.after["ja"]) == ("個人情報の利用", "個人情報のご利用")
    assert heading.before["en"] == heading.after["en"]


@pytest.mark.parametrize(
    ("clause_id", "state"),
    [
        ("third_party", "as before"),
        ("entrusted.1.4", "missing"),
        ("entrusted.1.3", "as before"),
        ("collected.6", "left over"),
    ],
)
def test_sentences_are_judged_while_nobody_has_looked_at_them(revision: Revision, clause_id: str, state: str) -> None:
    change = _find(revision, clause_id)
    assert (change.lead.state, change.reading.state) == (state, state)


def test_sentences_are_judged_after_someone_has_mended_them(drafted: Path) -> None:
    leads = drafted / VERSIONS / "2" / "leads.toml"
    text = leads.read_text("utf-8")
    start, end = text.index('["collected.6"]'), text.index('["collected.note"]')
    added = '["entrusted.1.4"]\nja = "佐川急便です。"\nen = "Sagawa."\n\n'
    leads.write_text(f"{text[:start]}{added}{text[end:]}", "utf-8")
    change_files(leads.parent, {"leads.toml": [("ポリシーに掲げる場合を除き", "ポリシーが挙げる場合を除き")]})
    revision = compare(find_edition(drafted, "1"), find_edition(drafted, "2"), _NOTHING)
    assert _find(revision, "collected.6").lead.state == "removed"
    assert _find(revision, "entrusted.1.4").lead.state == "written"
    assert _find(revision, "third_party").lead.state == "rewritten"
    assert _find(revision, "entrusted.1.3").lead.state == "as before"


def test_what_names_a_clause_is_found(revision: Revision) -> None:
    removed, added = _find(revision, "collected.6").bindings, _find(revision, "entrusted.1.4").bindings
    assert {rows.file for rows in removed.wordings} >= {"questions.ja.jsonl", "questions_a.en.jsonl"}
    assert all(rows.count >= len(rows.examples) > 0 for rows in (*removed.wordings, *removed.questions))
    assert removed.questions
    assert (added.wordings, added.questions, added.guidance, added.kinds) == ((), (), (), ())


def test_guidance_of_a_clause_that_is_gone_is_that_of_the_old_version(drafted: Path) -> None:
    old, new = find_edition(drafted, "1"), find_edition(drafted, "2")
    old = replace(old, guidance={"ways": {"x": {"cites": ["collected.6", "third_party"]}}})
    new = replace(new, guidance={"ways": {"y": {"cites": ["collected.6", "third_party"]}}})
    revision = compare(old, new, _NOTHING)
    assert _find(revision, "collected.6").bindings.guidance == ("ways.x cites it",)
    assert _find(revision, "third_party").bindings.guidance == ("ways.y cites it",)


def test_kinds_of_request_are_touched_when_a_clause_governs_them(shop: Path, tmp_path: Path) -> None:
    folder = copy_policy(shop, tmp_path / "copied")
    add_edition(folder, {"policy.ja.md": [("個人情報管理責任者(上記)", "個人情報管理責任者")]})
    revision = compare(find_edition(folder, "1"), find_edition(folder, "2"), load_register(shop))
    (change,) = revision.clauses
    assert (change.clause_id, change.bindings.kinds, change.bindings.intents) == (
        "rights.7",
        ("complaint",),
        ("complaint",),
    )
    assert "ways.rights.7" in change.bindings.guidance


def test_nothing_changes_when_a_version_is_compared_with_itself(drafted: Path) -> None:
    for name in ("1", "2"):
        edition = find_edition(drafted, name)
        assert compare(edition, edition, _NOTHING).is_empty


def test_changes_are_the_other_way_round_when_the_versions_are(drafted: Path) -> None:
    old, new = find_edition(drafted, "1"), find_edition(drafted, "2")
    kinds = {change.clause_id: change.kinds for change in compare(new, old, _NOTHING).clauses}
    assert (kinds["collected.6"], kinds["entrusted.1.4"]) == (("added",), ("removed",))
    assert kinds["third_party"] == ("changed",)


def test_sections_that_change_places_are_moved(shop: Path, tmp_path: Path) -> None:
    # No path changes and no text, but the version does: this must not be "no change".
    folder = copy_policy(shop, tmp_path / "copied")
    draft = add_edition(folder, {})
    for name in ("policy.ja.md", "policy.en.md"):
        head, *sections = (draft / name).read_text("utf-8").split("\n## ")
        sections[1], sections[3] = sections[3], sections[1]
        (draft / name).write_text("\n## ".join([head, *sections]), "utf-8")
    revision = compare(find_edition(folder, "1"), find_edition(folder, "2"), _NOTHING)
    assert revision.old[2:] != revision.new[2:]
    assert {change.kinds for change in revision.clauses} == {("moved",)}
    assert {"use", "security"} & {change.clause_id for change in revision.clauses}


def _edition(units: list[tuple[str, str, str, str]]) -> Edition:
    made = [Unit(f"{section}.{slug}", section, section.upper(), item, text) for section, slug, item, text in units]
    by_id = {unit.clause_id: unit for unit in made}
    return Edition(compute_version(tuple(made), 1), {"ja": by_id, "en": by_id}, {}, {}, {})


_UNITS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from("12"), st.sampled_from(["t", "u"])),
    unique_by=lambda unit: unit[:2],
    max_size=5,
)


@given(_UNITS, _UNITS)
def test_a_revision_is_empty_exactly_when_the_versions_are_the_same(
    old: list[tuple[str, str, str, str]], new: list[tuple[str, str, str, str]]
) -> None:
    before, after = _edition(old), _edition(new)
    revision = compare(before, after, _NOTHING)
    assert revision.is_empty == (old == new)
    if before.version != after.version:
        assert not revision.is_empty
    assert all(set(change.kinds) <= set(KINDS) for change in revision.clauses)
    ids = [change.clause_id for change in revision.clauses]
    assert len(set(ids)) == len(ids)


def test_version_is_found_by_edition_id_or_folder(drafted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = find_edition(drafted, "1")
    assert first.version == "1-48acc39a"
    assert find_edition(drafted, "1-48acc39a") == first
    assert find_edition(drafted, str(drafted / VERSIONS / "1")) == first
    monkeypatch.chdir(drafted / VERSIONS / "2")
    assert find_edition(drafted, ".").version == find_edition(drafted, "2").version
    monkeypatch.chdir(drafted / VERSIONS)
    assert find_edition(drafted / "nowhere", "1") == first  # a folder of that name is one, too


def test_folder_without_a_number_counts_as_edition_zero(drafted: Path, tmp_path: Path) -> None:
    draft = shutil.copytree(drafted / VERSIONS / "1", tmp_path / "draft")
    assert find_edition(drafted, str(draft)).version == "0-48acc39a"


@pytest.mark.parametrize("name", ["3", "0", "01", "1-00000000", "1-48ACC39A", "2-48acc39a", "one", "no/where", "\x00"])
def test_version_is_unknown_when_nothing_goes_by_the_name(drafted: Path, name: str) -> None:
    with pytest.raises(UnknownVersionError, match="there is no version"):
        find_edition(drafted, name)


def test_unknown_id_is_told_the_one_of_its_edition(drafted: Path) -> None:
    with pytest.raises(UnknownVersionError, match="edition 1 is 1-48acc39a"):
        find_edition(drafted, "1-00000000")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("policy.ja.md", b"no section\n"),
        ("policy.en.md", b"\xff\xfe"),
        ("leads.toml", b"= broken"),
        ("guidance.toml", b"\xff"),
    ],
)
def test_version_is_refused_by_name_when_it_cannot_be_read(drafted: Path, name: str, content: bytes) -> None:
    (drafted / VERSIONS / "2" / name).write_bytes(content)
    with pytest.raises(PolicyFormatError, match=rf"^edition 2: {name}"):
        find_edition(drafted, "2")
    assert issubclass(UnknownVersionError, KnowledgeError)


def test_draft_is_read_while_what_is_said_of_it_does_not_fit_yet(drafted: Path) -> None:
    with pytest.raises(PolicyFormatError):
        load_policy(drafted)
    for name in ("leads.toml", "readings.toml", "guidance.toml"):
        (drafted / VERSIONS / "2" / name).unlink()
    revision = compare(find_edition(drafted, "1"), find_edition(drafted, "2"), _NOTHING)
    assert {change.lead.state for change in revision.clauses} == {"missing", "removed"}


@pytest.mark.parametrize("lead", ['"a sentence"', "3", "[1]"])
def test_lead_that_is_no_table_is_missing(drafted: Path, lead: str) -> None:
    (drafted / VERSIONS / "2" / "leads.toml").write_text(f"third_party = {lead}\n", "utf-8")
    revision = compare(find_edition(drafted, "1"), find_edition(drafted, "2"), _NOTHING)
    assert _find(revision, "third_party").lead.state == "missing"


def test_revision_is_plain_data(revision: Revision) -> None:
    data = json.loads(json.dumps(revision.as_dict(), ensure_ascii=False))
    assert list(data) == ["old", "new", "headings", "clauses"]
    change = next(one for one in data["clauses"] if one["clause_id"] == "third_party")
    assert change["kinds"] == ["changed"]
    assert NEW_SENTENCE in change["after"]["ja"]["text"]
    assert change["lead"]["state"] == "as before"
    assert set(change["bindings"]["wordings"][0]) == set(Rows.__slots__)
