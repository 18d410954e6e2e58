from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.errors import PolicyFormatError
from knowledge.policy import (
    EDITION_FILES,
    LANGUAGES,
    TEXT_FILES,
    Policy,
    PolicyText,
    compute_version,
    list_editions,
    list_policy_files,
    load_former,
    load_policy,
    parse_units,
)
from tests.editions import NEW_SENTENCE, OLD_SENTENCE, REWORDED, add_edition, copy_policy

_NUMBERING = re.compile(r"^ *\d+\. ?(?:\d+\.)?", re.MULTILINE)  # the source writes "1. 1.", the policy file "1. "
_SLUG = re.compile(r" \{#[a-z_.0-9]+\}$", re.MULTILINE)
_HEADING = re.compile(r"^#+ ", re.MULTILINE)
_PUBLISHED = ("1-48acc39a",)  # all versions of the shop's policy; a new edition is added here
_DIGITS = re.compile(r"\d+")
_MAIL = re.compile(r"[\w.]+@[\w.]+")
_PHONE = re.compile(r"\d{2,4}-\d{2,4}-\d{3,4}")


def _bare(text: str) -> str:
    return "".join(_NUMBERING.sub("", text).split())


def test_text_is_the_source_when_markup_and_numbering_are_removed(shop: Path, data: Path) -> None:
    source = (data / "source.txt").read_text("utf-8").strip()
    assert source.startswith("Skip to content\n")
    assert source.endswith("\nx")
    marked = (shop / "versions" / "1" / "policy.ja.md").read_text("utf-8")
    ours = _HEADING.sub("", _SLUG.sub("", marked))
    assert _bare(ours) == _bare(source.removeprefix("Skip to content").removesuffix("x"))


def test_units_are_those_of_the_source(policy: Policy, data: Path) -> None:
    expected = json.loads((data / "units.json").read_text("utf-8"))
    ours = [{"section": unit.section, "item": unit.item, "text": unit.text} for unit in policy.units["ja"]]
    assert ours == expected
    assert len(ours) == 41


def test_languages_have_the_same_units_in_the_same_order(policy: Policy) -> None:
    ja, en = policy.units["ja"], policy.units["en"]
    assert [(unit.clause_id, unit.section_id, unit.item) for unit in ja] == [
        (unit.clause_id, unit.section_id, unit.item) for unit in en
    ]
    assert all(unit.text.strip() and unit.section.strip() for unit in en)


def _clause_ids() -> list[str]:
    shop = Path(__file__).parents[2] / "knowledge" / "policies" / "coverchord"
    return list(load_policy(shop).clause_ids)


@pytest.mark.parametrize("clause_id", _clause_ids())
def test_rendering_has_the_digits_phones_and_mails_of_the_original(policy: Policy, clause_id: str) -> None:
    # The order differs (an English address begins with the floor), the numbers must not.
    original, rendering = policy.get_unit(clause_id).text, policy.get_unit(clause_id, "en").text
    for pattern in (_DIGITS, _PHONE, _MAIL):
        assert sorted(pattern.findall(rendering)) == sorted(pattern.findall(original))


def test_rendering_keeps_the_names_of_companies(policy: Policy) -> None:
    assert "Yamato" in policy.get_unit("entrusted.1.1", "en").text
    assert policy.get_unit("entrusted.1.2", "en").text == policy.get_unit("entrusted.1.2").text == "DHL"
    for clause_id in ("contact", "rights.6"):
        assert "株式会社vendor" in policy.get_unit(clause_id, "en").text
        assert "COVERCHORD" in policy.get_unit(clause_id, "en").text


def test_shop_has_the_contact_of_the_policy(policy: Policy) -> None:
    shop = policy.shop
    for clause_id in ("rights.6", "contact"):
        original, rendering = policy.get_unit(clause_id), policy.get_unit(clause_id, "en")
        for fact in (shop.phone, shop.email, shop.company, shop.name, shop.hours["ja"]):
            assert fact in original.text
        assert shop.hours["en"].removesuffix(" (Japan time)") in rendering.text
    assert shop.officer["ja"] in policy.get_unit("rights.6").text
    assert shop.officer["en"] in policy.get_unit("rights.6", "en").text


@pytest.mark.parametrize(
    ("clause_id", "items"),
    [
        ("purpose", ("purpose.1", "purpose.2")),
        ("entrusted", ("entrusted.1",)),
        ("entrusted.1", ("entrusted.1.1", "entrusted.1.2", "entrusted.1.3")),
        ("rights.2", ("rights.2.1", "rights.2.2", "rights.2.3")),
        ("entrusted.1.2", ()),
        ("collected.note", ()),
        ("contact", ()),
    ],
)
def test_items_are_those_directly_under_the_unit(policy: Policy, clause_id: str, items: tuple[str, ...]) -> None:
    assert policy.list_items(clause_id) == items


@pytest.mark.parametrize(
    ("clause_id", "parent"),
    [
        ("entrusted.1.1", "entrusted.1"),
        ("entrusted.1", "entrusted"),
        ("entrusted", None),
        ("collected.note", None),
        ("rights.1", None),  # the section has no paragraph of its own
        ("rights.1.2", "rights.1"),
    ],
)
def test_parent_is_the_unit_above_or_none(policy: Policy, clause_id: str, parent: str | None) -> None:
    assert policy.find_parent(clause_id) == parent


def test_every_item_is_listed_by_its_parent(policy: Policy) -> None:
    for clause_id in policy.clause_ids:
        parent = policy.find_parent(clause_id)
        if parent:
            assert clause_id in policy.list_items(parent)


def test_unknown_units_are_none_or_key_error(policy: Policy) -> None:
    assert policy.find_unit("rights.99") is None
    with pytest.raises(KeyError):
        policy.get_unit("rights.99")


def test_units_are_read_with_paths_notes_and_continuations() -> None:
    units = parse_units(
        "# Policy\n\n## One {#one}\n\nOwn\ntext.\n\n1. First {#one.a}\n   goes on\n   1. Inner {#one.b}\n"
        "2. Second {#one.c}\n\nNote. {#one.n}\nMore.\n\n## Two {#two}\n\n1. Alone {#two.a}\n"
    )
    assert [(unit.clause_id, unit.item, unit.text) for unit in units] == [
        ("one", "", "Own\ntext."),
        ("one.a", "1", "First\ngoes on"),
        ("one.b", "1.1", "Inner"),
        ("one.c", "2", "Second"),
        ("one.n", "note", "Note.\nMore."),
        ("two.a", "1", "Alone"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Lost text\n", "before the first section"),
        ("## One {#one}\n\nText.\n\n## One again {#one}\n\nText.\n", "used twice"),
        ("## One {#one}\n\n1. A {#one.a}\n2. B {#one.a}\n", "used twice"),
        ("## One {#one}\n\n1. A {#one.a}\nnot indented\n", "neither item"),
        ("## One {#one}\n\n   1. A {#one.a}\n", "without the item above"),
        ("## One {#one}\n\nText.\n\n   1. A {#one.a}\n", "without the item above"),
        ("## One {#one}\n\n1. A {#one.a}\n      1. B {#one.b}\n", "without the item above"),
        # Slips in the markup: they would become text of the unit above, and be quoted.
        ("## One {#one}\n\nText.\n\n## Two\n\nText.\n", "cannot be read"),
        ("## One {#one}\n\nText.\n\n1. A {#One.A}\n", "cannot be read"),
    ],
)
def test_markup_is_refused_when_it_is_malformed(text: str, reason: str) -> None:
    with pytest.raises(PolicyFormatError, match=reason):
        parse_units(text)


def test_version_changes_with_the_text_and_not_with_the_slugs() -> None:
    units = parse_units("## One {#one}\n\nText.\n")
    version = compute_version(units, 1)
    assert re.fullmatch(r"1-[0-9a-f]{8}", version)
    assert compute_version(parse_units("## One {#other}\n\nText.\n"), 1) == version
    assert compute_version(parse_units("## One {#one}\n\nText!\n"), 1) != version
    assert compute_version(parse_units("## Won {#one}\n\nText.\n"), 1) != version
    assert compute_version(units, 2) == f"2-{version[2:]}"


def test_version_of_the_policy_is_the_published_one(policy: Policy) -> None:
    # Receipts, letters and links name it: it must not change unless the policy's text does.
    assert policy.version == _PUBLISHED[-1]


def test_versions_once_published_stay_as_they_were(shop: Path, policy: Policy) -> None:
    # Stored citations lead to each of them for ever. A slip in a published text is mended in the next edition.
    assert tuple(text.version for text in (*load_former(shop), policy)) == _PUBLISHED


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return change


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")

    return change


_TEXT_DAMAGES = [
    _remove("policy.ja.md"),
    _remove("policy.en.md"),
    _write("policy.ja.md", b"\xff\xfe"),
    _replace("policy.ja.md", " {#security}", " {#Security}"),
    _replace("policy.en.md", "2. To obtain", "3. To obtain"),
    _replace("policy.en.md", "{#security}", "{#safety}"),
]
_LEAD_DAMAGES = [
    _remove("leads.toml"),
    _remove("readings.toml"),
    _remove("guidance.toml"),
    _write("leads.toml", b"= broken"),
    _replace("leads.toml", "[security]", "[safety]"),
    _replace("leads.toml", "\nen = ", "\nfr = "),
    _replace("leads.toml", "[purpose]", 'other = "a sentence alone"\n[purpose]'),
]


@pytest.fixture
def copied(shop: Path, tmp_path: Path) -> Path:
    """The real shop's policy to change."""
    return copy_policy(shop, tmp_path / "copied")


@pytest.mark.parametrize("damage", [*_TEXT_DAMAGES, *_LEAD_DAMAGES])
def test_edition_is_refused_by_name_when_a_file_is_missing_or_does_not_fit(
    copied: Path, damage: Callable[[Path], None]
) -> None:
    damage(copied / "versions" / "1")
    with pytest.raises(PolicyFormatError, match=r"^edition 1: "):
        load_policy(copied)


@pytest.mark.parametrize("damage", _TEXT_DAMAGES)
def test_old_edition_is_refused_by_name_when_its_text_is_damaged(copied: Path, damage: Callable[[Path], None]) -> None:
    add_edition(copied, REWORDED)
    damage(copied / "versions" / "1")
    with pytest.raises(PolicyFormatError, match=r"^edition 1: "):
        load_former(copied)


@pytest.mark.parametrize("damage", _LEAD_DAMAGES)
def test_old_edition_needs_its_text_alone(copied: Path, damage: Callable[[Path], None]) -> None:
    # The form of leads and guidance goes on changing; an old edition must not have to follow.
    published = load_policy(copied)
    add_edition(copied, REWORDED)
    damage(copied / "versions" / "1")
    assert load_former(copied) == (PolicyText(published.version, published.units),)


@pytest.mark.parametrize(
    "damage",
    [
        _remove("shop.toml"),
        _write("shop.toml", b'name = "only"\n'),
        _write("shop.toml", b"= broken"),
        _replace("shop.toml", "phone =", "fax ="),
        _replace("shop.toml", "phone =", "edition = 1\nphone ="),  # the folder's name says it
    ],
)
def test_shop_is_refused_when_its_file_is_missing_or_does_not_fit(copied: Path, damage: Callable[[Path], None]) -> None:
    damage(copied)
    with pytest.raises(PolicyFormatError, match=r"shop\.toml"):
        load_policy(copied)


def test_highest_edition_is_in_force_when_there_are_several(copied: Path) -> None:
    for number in range(2, 11):  # "10" stands before "2" in the order of names
        add_edition(copied, REWORDED if number == 10 else {})
    former, policy = load_former(copied), load_policy(copied)
    assert [text.version.partition("-")[0] for text in former] == [str(number) for number in range(1, 10)]
    assert {text.version.partition("-")[2] for text in former} == {"48acc39a"}  # the text's hash, whatever the edition
    assert re.fullmatch(r"10-[0-9a-f]{8}", policy.version)
    assert OLD_SENTENCE in former[-1].get_unit("third_party").text
    assert NEW_SENTENCE in policy.get_unit("third_party").text


def test_nothing_is_former_when_there_is_one_edition(copied: Path) -> None:
    assert load_former(copied) == ()


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ([], "versions/1 is missing"),
        (["2"], "versions/1 is missing"),
        (["1", "3"], "versions/2 is missing"),
        (["1", "2", "4", "5"], "versions/3 is missing"),
        (["1", "99999999999999999999"], "versions/2 is missing"),
        (["1", "draft"], "versions/draft"),
        (["0", "1"], "versions/0"),
        (["1", "02"], "versions/02"),
        (["1", "-2"], "versions/-2"),
        (["1", "２"], "versions/２"),
        (["1", "1-48acc39a"], "versions/1-48acc39a"),
    ],
)
def test_editions_are_refused_when_they_are_not_numbered_from_one_without_a_gap(
    tmp_path: Path, names: list[str], reason: str
) -> None:
    for name in names:
        (tmp_path / "versions" / name).mkdir(parents=True)
    for refuse in (list_editions, list_policy_files, load_policy, load_former):
        with pytest.raises(PolicyFormatError, match=reason):
            refuse(tmp_path)


def test_files_beside_the_editions_are_passed_over(copied: Path) -> None:
    (copied / "versions" / "README.md").touch()
    assert list_editions(copied) == [copied / "versions" / "1"]


def test_files_of_a_policy_are_the_texts_of_all_editions_and_what_is_said_of_the_newest(copied: Path) -> None:
    add_edition(copied, REWORDED)
    files = list_policy_files(copied)
    expected = {"shop.toml", *(f"versions/1/{name}" for name in TEXT_FILES)}
    expected |= {f"versions/2/{name}" for name in EDITION_FILES}
    assert set(files) == expected
    assert len(files) == len(expected)
    again = copy_policy(copied, copied.parent / "again")
    assert (load_former(again), load_policy(again)) == (load_former(copied), load_policy(copied))


def test_languages_are_japanese_first() -> None:
    assert LANGUAGES == ("ja", "en")
