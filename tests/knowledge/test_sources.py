from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

import knowledge
from knowledge import sources
from knowledge.errors import PolicyFormatError
from knowledge.policy import EDITION_FILES
from knowledge.sources import hash_sources

_PACKAGE = Path(knowledge.__file__).parent
_MODULES = sorted(path.stem for path in _PACKAGE.glob("*.py"))
# The order in the package's own docstring: each module imports only earlier ones.
_LAYERS = [
    {"errors", "memo", "text"},
    {"guidance", "wordings", "openings", "questions", "romaji"},
    {"policy", "bindings"},
    {"revision", "citation"},
    {"report"},
    {"features", "comparison"},
    {"lexical", "highlight", "dense", "encoder", "classifier", "abstainer"},
    {"training", "retriever", "acts"},
    {"reader"},
    {"responses"},
    {"changes"},
    {"readers"},
    {"builder", "bundle"},
    {"sources", "tongue", "conversation", "likeness", "cautions", "templates"},
    {"answer"},
    {"lookup", "replies", "terminal"},
    {"evaluation"},
    {"plot"},
    {"__main__"},
]


def _imports(module: str, *, late: bool) -> set[str]:
    """Modules of this package that a module imports: at its top, or (`late`) anywhere."""
    tree = ast.parse((_PACKAGE / f"{module}.py").read_text("utf-8"))
    nodes = list(ast.walk(tree)) if late else tree.body
    found = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    found |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name.partition(".")[2] for name in found if name.startswith("knowledge.")}


def test_hash_is_the_same_when_nothing_changed(small_shop: Path, shop_copy: Path) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", hash_sources(small_shop, ""))
    assert hash_sources(shop_copy, "") == hash_sources(small_shop, "")  # where the shop lies does not matter


def test_hash_is_the_same_however_the_folder_is_spelled(
    shop: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The supervisor names the shop by a relative path, the command's default is absolute: with the files in the order
    # of their paths each took the other's index for outdated, and trained for two minutes.
    monkeypatch.chdir(root)
    assert hash_sources(shop.relative_to(root), "") == hash_sources(shop, "")


@pytest.mark.parametrize(
    "name",
    ["shop.toml", *(f"versions/1/{name}" for name in EDITION_FILES), "wordings/few.ja.jsonl", "wordings/few.en.jsonl"],
)
def test_hash_changes_when_a_file_of_the_shop_changes(shop_copy: Path, name: str) -> None:
    before = hash_sources(shop_copy, "")
    with (shop_copy / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert hash_sources(shop_copy, "") != before


def test_hash_changes_when_a_wordings_file_is_added_and_not_for_development_questions(shop_copy: Path) -> None:
    before = hash_sources(shop_copy, "")
    (shop_copy / "development" / "more.ja.jsonl").touch()
    assert hash_sources(shop_copy, "") == before
    (shop_copy / "wordings" / "more.ja.jsonl").touch()
    assert hash_sources(shop_copy, "") != before


def test_hash_changes_when_an_edition_is_added_or_an_old_one_changes(two_editions: Path, small_shop: Path) -> None:
    both = hash_sources(two_editions, "")
    assert both != hash_sources(small_shop, "")
    with (two_editions / "versions" / "1" / "policy.en.md").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert hash_sources(two_editions, "") != both


def test_hash_changes_when_editions_change_places(two_editions: Path) -> None:
    # Names and contents of all files stay the same: only their folders tell which of them is in force.
    before, versions = hash_sources(two_editions, ""), two_editions / "versions"
    (versions / "1").rename(versions / "aside")
    (versions / "2").rename(versions / "1")
    (versions / "aside").rename(versions / "2")
    assert hash_sources(two_editions, "") != before


def test_hash_is_refused_when_the_shop_has_no_edition(tmp_path: Path) -> None:
    with pytest.raises(PolicyFormatError, match="versions/1 is missing"):
        hash_sources(tmp_path, "")


def test_hash_changes_with_the_encoder_and_the_format(small_shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = hash_sources(small_shop, "")
    assert hash_sources(small_shop, "some/model") != before
    monkeypatch.setattr(sources, "FORMAT", sources.FORMAT + 1)
    assert hash_sources(small_shop, "") != before


@pytest.mark.parametrize("name", ["builder.py", "features.py", "synonyms.toml"])
def test_hash_changes_with_the_code_that_shapes_the_index(
    small_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    package = Path(shutil.copytree(_PACKAGE, tmp_path / "package", ignore=shutil.ignore_patterns("policies")))
    monkeypatch.setattr(sources, "__file__", str(package / "sources.py"))
    before = hash_sources(small_shop, "")
    (package / name).write_bytes((package / name).read_bytes() + b"\n")
    assert hash_sources(small_shop, "") != before


def test_all_code_that_building_needs_is_watched() -> None:
    needed, open_ends = {"builder"}, ["builder"]
    while open_ends:
        new = _imports(open_ends.pop(), late=True) - needed
        needed |= new
        open_ends += new
    # A change of `policy` that matters changes the policy's version, and then the bundle no longer loads.
    assert needed - set(sources._CODE) == {"errors", "guidance", "policy"}


@pytest.mark.parametrize("module", [name for name in _MODULES if name != "__init__"])
def test_modules_import_only_earlier_ones(module: str) -> None:
    layer = next(number for number, names in enumerate(_LAYERS) if module in names)
    earlier = set().union(*_LAYERS[:layer])
    built = {"retriever", "training", "readers", "builder", "sources"}
    siblings = built if module == "__main__" else _LAYERS[layer] - {module}
    assert _imports(module, late=True) <= earlier | siblings


@pytest.mark.parametrize("module", _MODULES)
def test_package_imports_nothing_else_of_ours(module: str) -> None:
    tree = ast.parse((_PACKAGE / f"{module}.py").read_text("utf-8"))
    roots = {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    roots |= {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    assert not roots & {"actions", "bot", "fastapi", "sqlalchemy", "rasa", "rasa_sdk", "httpx"}


@pytest.mark.parametrize("module", ["text", "wordings"])
def test_modules_that_both_environments_read_need_the_standard_library_alone(module: str) -> None:
    # Rasa's environment has an older numpy and none of the index's libraries.
    assert _imports(module, late=True) <= {"errors"}
    tree = ast.parse((_PACKAGE / f"{module}.py").read_text("utf-8"))
    roots = {node.module.split(".")[0] for node in tree.body if isinstance(node, ast.ImportFrom) and node.module}
    roots |= {alias.name.split(".")[0] for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert not roots & {"numpy", "faiss", "pydantic", "typer", "rich", "snowballstemmer", "sudachipy"}
