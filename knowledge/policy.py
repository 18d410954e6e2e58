"""A policy as marked-up text → its citable units, in every edition that the shop has published.

Markup is plain Markdown with one addition: a unit's stable slug in braces, `{#rights.1.2}`, at the end of its
first line. Headings are sections; a section's own paragraph is the unit with item ""; numbered lines are
items ("1", "1.2"); a paragraph with a slug of its own is the section's note. Slugs survive renumbering,
item paths are what a reader sees.

`<shop>/versions/<edition>/` holds an edition, numbered from 1 without a gap; the highest is in force. Of the others the
text alone is loaded: stored citations lead to it, and what the desk says of clauses has moved on.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from knowledge.errors import PolicyFormatError
from knowledge.guidance import GUIDANCE_FILES, Guidance, load_guidance

LANGUAGES = ("ja", "en")
TEXT_FILES = tuple(f"policy.{language}.md" for language in LANGUAGES)
EDITION_FILES = (*TEXT_FILES, "leads.toml", *GUIDANCE_FILES)
SHOP_FILE = "shop.toml"
VERSIONS = "versions"

EDITION_NUMBER = re.compile(r"[1-9][0-9]*")  # the name of an edition's folder
_SECTION = re.compile(r"^## (?P<title>.+?) \{#(?P<slug>[a-z_]+)\}$")
_ITEM = re.compile(r"^(?P<indent>(?: {3})*)(?P<number>\d+)\. (?P<text>.+?) \{#(?P<slug>[a-z_.0-9]+)\}$")
_NOTE = re.compile(r"^(?P<text>\S.*?) \{#(?P<slug>[a-z_.0-9]+)\}$")


@dataclass(frozen=True, slots=True)
class Unit:
    """One citable piece of the policy in one language.

    `item` is the number path ("1", "1.2"), "" for the section's own paragraph, "note" for its ※/尚 paragraph.
    `text` is verbatim, lines joined by newlines.
    """

    clause_id: str
    section_id: str
    section: str
    item: str
    text: str


@dataclass(frozen=True, slots=True)
class Shop:
    """What the desk must know of the shop besides its policy (`shop.toml`)."""

    name: str
    company: str
    officer: dict[str, str]
    phone: str
    email: str
    hours: dict[str, str]
    pages: dict[str, str]


@dataclass(frozen=True, slots=True)
class PolicyText:
    """The text of one version of a policy in its original Japanese and its English rendering.

    `units["ja"]` and `units["en"]` have the same ids in the same order. `version` is
    `<edition>-<8 hex of the Japanese text's SHA-256>`; the source bears no date, so none is invented.
    """

    version: str
    units: dict[str, tuple[Unit, ...]]
    _by_id: dict[str, dict[str, Unit]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the units by their ids."""
        by_id = {language: {unit.clause_id: unit for unit in units} for language, units in self.units.items()}
        object.__setattr__(self, "_by_id", by_id)

    def find_unit(self, clause_id: str, language: str = "ja") -> Unit | None:
        """Return the unit with this id, or None."""
        return self._by_id[language].get(clause_id)

    def get_unit(self, clause_id: str, language: str = "ja") -> Unit:
        """Return the unit with this id. Raises KeyError for an unknown one."""
        return self._by_id[language][clause_id]

    @property
    def clause_ids(self) -> tuple[str, ...]:
        """All ids in the order of the text."""
        return tuple(unit.clause_id for unit in self.units["ja"])

    def list_items(self, clause_id: str) -> tuple[str, ...]:
        """Ids of the items directly under a unit, in order (`entrusted.1` → its carriers)."""
        parent = self.get_unit(clause_id)
        depth = parent.item.count(".") + 1 if parent.item else 0
        prefix = f"{parent.item}." if parent.item else ""
        return tuple(
            unit.clause_id
            for unit in self.units["ja"]
            if unit.section_id == parent.section_id
            and unit.item not in {"", "note"}
            and unit.item.startswith(prefix)
            and unit.item.count(".") == depth
        )

    def find_parent(self, clause_id: str) -> str | None:
        """Id of the unit an item stands under, or None for a section's own paragraph or note."""
        unit = self.get_unit(clause_id)
        if unit.item in {"", "note"}:
            return None
        above = unit.item.rpartition(".")[0]
        for other in self.units["ja"]:
            if other.section_id == unit.section_id and other.item == above:
                return other.clause_id
        return None


@dataclass(frozen=True, slots=True)
class Policy(PolicyText):
    """The version that is in force, with the reviewed sentences about it."""

    leads: dict[str, dict[str, str]]
    guidance: Guidance
    shop: Shop


def parse_units(text: str) -> tuple[Unit, ...]:
    """Read marked-up policy text into units, in order.

    Raises: PolicyFormatError: an unknown line form, a slug used twice, or text outside a section.
    """
    units: list[Unit] = []
    section: re.Match[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("# "):
            continue
        if heading := _SECTION.match(line):
            section = heading
            if any(unit.section_id == heading["slug"] for unit in units):
                raise PolicyFormatError(f"line {number}: the section id {heading['slug']} is used twice")
        elif section is None:
            if line.strip():
                raise PolicyFormatError(f"line {number}: text before the first section")
        else:
            _read_line(units, section, line, number)
    ids = [unit.clause_id for unit in units]
    if len(set(ids)) != len(ids):
        raise PolicyFormatError("a clause id is used twice")
    return tuple(_trimmed(unit) for unit in units)


def _read_line(units: list[Unit], section: re.Match[str], line: str, number: int) -> None:
    """Append the line to the unit it belongs to, or open a new unit with it."""
    title, section_id = section["title"], section["slug"]
    inside = bool(units) and units[-1].section_id == section_id
    if item := _ITEM.match(line):
        path = _item_path(units, section_id, len(item["indent"]) // 3, item["number"], number)
        units.append(Unit(item["slug"], section_id, title, path, item["text"]))
    elif note := _NOTE.match(line):
        units.append(Unit(note["slug"], section_id, title, "note", note["text"]))
    elif line.startswith("#") or "{#" in line:  # a slip in the markup must not become text of the unit above
        raise PolicyFormatError(f"line {number}: a heading or slug that cannot be read")
    elif inside and (not line.strip() or line.startswith("   ") or units[-1].item in {"", "note"}):
        units[-1] = _extended(units[-1], line.strip())
    elif line.strip() and not inside:
        units.append(Unit(section_id, section_id, title, "", line))
    elif line.strip():
        raise PolicyFormatError(f"line {number}: neither item, note nor continuation")


def _item_path(units: list[Unit], section_id: str, depth: int, label: str, number: int) -> str:
    if depth == 0:
        return label
    above = units[-1] if units else None
    inside = above is not None and above.section_id == section_id and above.item not in {"", "note"}
    if above is None or not inside or above.item.count(".") + 1 < depth:
        raise PolicyFormatError(f"line {number}: an item without the item above it")
    return ".".join([*above.item.split(".")[:depth], label])


def _extended(unit: Unit, line: str) -> Unit:
    return Unit(unit.clause_id, unit.section_id, unit.section, unit.item, f"{unit.text}\n{line}")


def _trimmed(unit: Unit) -> Unit:
    return Unit(unit.clause_id, unit.section_id, unit.section, unit.item, unit.text.strip())


def compute_version(units: tuple[Unit, ...], edition: int) -> str:
    """`<edition>-<8 hex>`: the digest covers headings and unit texts, not slugs or markup."""
    digest = hashlib.sha256()
    for unit in units:
        digest.update(f"{unit.section}\x1f{unit.item}\x1f{unit.text}\x1e".encode())
    return f"{edition}-{digest.hexdigest()[:8]}"


def list_editions(shop_folder: Path) -> list[Path]:
    """Folders of a shop's editions, oldest first.

    Raises: PolicyFormatError: there is none, a number is left out, or a folder's name is no number.
    """
    folder = shop_folder / VERSIONS
    names = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    if odd := sorted(name for name in names if not EDITION_NUMBER.fullmatch(name)):
        raise PolicyFormatError(f"{VERSIONS}/{odd[0]}: an edition's folder is named by its number: 1, 2, …")
    missing = next(number for number in count(1) if str(number) not in names)
    if missing <= max(len(names), 1):
        raise PolicyFormatError(f"{VERSIONS}/{missing} is missing: editions are numbered from 1 without a gap")
    return [folder / str(number) for number in range(1, missing)]


def list_policy_files(shop_folder: Path) -> list[str]:
    """What loading a shop's policy reads, relative to its folder. Raises: PolicyFormatError: see `list_editions`."""
    *former, newest = (f"{VERSIONS}/{folder.name}" for folder in list_editions(shop_folder))
    texts = [f"{edition}/{name}" for edition in former for name in TEXT_FILES]
    return [SHOP_FILE, *texts, *(f"{newest}/{name}" for name in EDITION_FILES)]


def load_policy(shop_folder: Path) -> Policy:
    """Load the edition of a shop's policy that is in force.

    Raises: PolicyFormatError: a file is missing or malformed, or the languages or leads do not fit.
    """
    folder = list_editions(shop_folder)[-1]
    text = _load_text(folder)
    try:
        leads = _load_leads(folder, text.clause_ids)
        guidance = load_guidance(folder, text.clause_ids)
    except PolicyFormatError as error:
        raise PolicyFormatError(f"edition {folder.name}: {error}") from error
    return Policy(text.version, text.units, leads, guidance, _load_shop(shop_folder))


def load_former(shop_folder: Path) -> tuple[PolicyText, ...]:
    """Load the texts of the editions that are no longer in force, oldest first.

    Raises: PolicyFormatError: a text is missing or malformed, or the languages do not fit; it names the edition.
    """
    return tuple(_load_text(folder) for folder in list_editions(shop_folder)[:-1])


def read_texts(folder: Path) -> dict[str, tuple[Unit, ...]]:
    """Read an edition's text, language → units. Raises: PolicyFormatError: names the file."""
    texts = {}
    for language in LANGUAGES:
        name = f"policy.{language}.md"
        try:
            texts[language] = parse_units((folder / name).read_text("utf-8"))
        except (OSError, UnicodeError, PolicyFormatError) as error:
            raise PolicyFormatError(f"{name}: {error}") from error
    return texts


def _load_text(folder: Path) -> PolicyText:
    try:
        units = read_texts(folder)
    except PolicyFormatError as error:
        raise PolicyFormatError(f"edition {folder.name}: {error}") from error
    shapes = [[(unit.clause_id, unit.item) for unit in units[language]] for language in LANGUAGES]
    if shapes[0] != shapes[1]:
        raise PolicyFormatError(f"edition {folder.name}: policy.en.md does not have the units of policy.ja.md")
    return PolicyText(compute_version(units["ja"], int(folder.name)), units)


def _load_leads(folder: Path, clause_ids: Collection[str]) -> dict[str, dict[str, str]]:
    leads = _read_toml(folder / "leads.toml")
    if set(leads) != set(clause_ids) or any(
        not isinstance(lead, dict) or set(lead) != set(LANGUAGES) for lead in leads.values()
    ):
        raise PolicyFormatError("leads.toml must hold one ja and one en sentence for each unit")
    return leads


def _load_shop(folder: Path) -> Shop:
    try:
        return Shop(**_read_toml(folder / SHOP_FILE))
    except TypeError as error:
        raise PolicyFormatError(f"{SHOP_FILE}: {error}") from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyFormatError(f"{path.name}: {error}") from error
