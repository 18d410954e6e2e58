"""The shape of the code: who may import whom, who reads the environment, and how long a module may be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("knowledge", "bot", "actions")
LONGEST = 300  # lines; a longer module holds two nouns

# What each part of `actions` may import of `actions`, besides itself. `services` sits between dialogue and cases: it
# builds what both work with.
LEAVES = {"errors", "settings", "logs", "texts", "hours", "metrics"}
LAYERS = {
    **{leaf: set() for leaf in LEAVES},
    "environments": set(),
    "cases": LEAVES,
    "services": {"cases", *LEAVES},
    "dialogue": {"services", "cases", *LEAVES},
    "web": {"dialogue", "services", "cases", *LEAVES},
    "server": {"web", "dialogue", "services", *LEAVES},
    "supervisor": {"cases", *LEAVES},
    "doctor": {"supervisor", "cases", *LEAVES},
    "operations": {"doctor", "cases", *LEAVES},
    "__main__": {"operations", "supervisor", "server", "services", "cases", *LEAVES},
}
# pydantic reads it for `actions.settings`; these hand it to processes they start, or set a library's switch in it.
ENVIRONMENT_USERS = {"actions/environments.py", "actions/supervisor.py", "bot/__main__.py", "knowledge/__main__.py"}
# What of `knowledge` Rasa's environment runs as well, and the libraries that both environments have for it.
SHARED = {f"knowledge.{name}" for name in ("errors", "memo", "text", "wordings", "features", "classifier")}
SHARED_LIBRARIES = {"numpy", "Stemmer", "sudachipy", "scipy"}
# What each part of `actions` may import of `knowledge`: how it ranks and learns is nobody's business outside.
KNOWLEDGE_USED = {
    "__main__": {"errors"},
    "services": {"bundle"},
    "cases": {"bundle"},  # letters quote the policy
    "supervisor": {"bundle", "errors", "sources", "wordings"},
    "doctor": {"bundle", "errors", "sources"},
    "operations": {"bundle", "errors"},
    "dialogue": {"answer", "citation", "conversation", "errors", "memo", "responses", "retriever", "text"},
    "web": {
        "bundle",
        "citation",
        "comparison",
        "conversation",
        "errors",
        "highlight",
        "likeness",
        "policy",
        "questions",
        "text",
        "tongue",
        *("answer", "cautions", "lookup", "replies", "templates"),  # the staff's lookup
    },
}
HEAVY = {"torch", "sklearn", "sentence_transformers", "transformers", "scipy", "tokenizers", "matplotlib"}


def _list_modules() -> dict[str, Path]:
    """All modules of ours by dotted name; a package is its `__init__`."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = _list_modules()


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def _list_imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names a tree imports; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _list_own_imports(name: str) -> set[str]:
    return {one for one in _list_imports(_parse(MODULES[name])) if one in MODULES and one != name}


def _walk_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The statements that run when a module is imported: not those of functions, nor what only checkers see."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _walk_at_import(child)


def _list_early_roots(name: str) -> set[str]:
    """Top-level packages that importing a module imports."""
    early = [one for one in _walk_at_import(_parse(MODULES[name])) if isinstance(one, ast.Import | ast.ImportFrom)]
    return {one.split(".")[0] for node in early for one in _list_imports(node)}


def test_no_module_imports_itself_when_imports_are_followed() -> None:
    graph = {name: _list_own_imports(name) for name in MODULES}
    # A package's `__init__` runs before its modules; none of ours imports anything of ours.
    packages = {name for name in MODULES if MODULES[name].name == "__init__.py"}
    assert {name: graph[name] for name in packages if graph[name]} == {}
    order = tuple(TopologicalSorter(graph).static_order())  # raises CycleError and names the circle
    assert set(order) == set(MODULES)


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[0] == "knowledge"])
def test_knowledge_is_a_library_when_imported(name: str) -> None:
    assert {one for one in _list_own_imports(name) if not one.startswith("knowledge")} == set()


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[0] == "bot"])
def test_the_bot_needs_only_what_both_environments_share_when_imported(name: str) -> None:
    # Rasa's environment has neither numpy's nor pydantic's newer versions.
    others = {one for one in _list_own_imports(name) if not one.startswith("bot")}
    assert others <= {"knowledge", *SHARED - {"knowledge.errors"}}


@pytest.mark.parametrize("name", sorted(SHARED))
def test_what_both_environments_share_needs_nothing_else_when_imported(name: str) -> None:
    assert _list_own_imports(name) <= {"knowledge", *SHARED}
    assert _roots(name) <= {*sys.stdlib_module_names, "knowledge", *SHARED_LIBRARIES}


def test_both_environments_have_the_shared_libraries_when_locked() -> None:
    packages = {"Stemmer": "pystemmer"}
    wanted = {packages.get(name, name).lower() for name in SHARED_LIBRARIES}
    for lock in ("actions/requirements.txt", "bot/requirements.txt"):
        lines = (ROOT / lock).read_text("utf-8").splitlines()
        assert wanted <= {line.partition("==")[0].lower() for line in lines}, lock


@pytest.mark.parametrize("name", ["knowledge.text", "knowledge.wordings", "knowledge.errors"])
def test_what_both_environments_share_is_light_when_imported(name: str) -> None:
    assert _list_early_roots(name) <= {*sys.stdlib_module_names, "knowledge"}


@pytest.mark.parametrize("name", ["knowledge.features", "knowledge.classifier"])
def test_what_both_environments_recognise_with_is_light_when_imported(name: str) -> None:
    assert _list_early_roots(name) <= {*sys.stdlib_module_names, "knowledge", "numpy", "Stemmer"}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("actions.")])
def test_a_part_uses_only_its_share_of_knowledge_when_imported(name: str) -> None:
    used = {one.split(".")[1] for one in _list_own_imports(name) if one.startswith("knowledge.")}
    assert used <= KNOWLEDGE_USED.get(name.split(".")[1], set())


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("actions.")])
def test_a_layer_imports_only_what_is_below_when_imported(name: str) -> None:
    part = name.split(".")[1]
    used = {one.split(".")[1] for one in _list_own_imports(name) if one.startswith("actions.")}
    assert part in LAYERS, f"{part} has no place in the layers yet"
    assert used - {part} <= LAYERS[part]


def test_layers_are_in_order_when_listed() -> None:
    assert tuple(TopologicalSorter(LAYERS).static_order())
    assert "web" not in LAYERS["dialogue"] | LAYERS["cases"]
    assert "dialogue" not in LAYERS["cases"]


def test_no_part_imports_the_bot_when_listed() -> None:
    assert [name for name in MODULES if name.startswith(("actions", "knowledge")) and "bot" in _roots(name)] == []


def _roots(name: str) -> set[str]:
    return {one.split(".")[0] for one in _list_imports(_parse(MODULES[name]))}


def test_the_installer_needs_nothing_installed_when_run() -> None:
    assert _roots("actions.environments") <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("name", MODULES)
def test_only_settings_read_the_environment_when_listed(name: str) -> None:
    path = MODULES[name]
    read = {
        node.attr
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
    }
    read |= {one.removeprefix("os.") for one in _list_imports(_parse(path)) if one.startswith("os.")}
    if read & {"environ", "getenv", "environb", "putenv"}:
        assert str(path.relative_to(ROOT)) in ENVIRONMENT_USERS


def test_faiss_stays_in_one_module_when_listed() -> None:
    assert [name for name in MODULES if "faiss" in _roots(name)] == ["knowledge.dense"]


def test_rasa_stays_with_the_bot_when_listed() -> None:
    assert {name.split(".")[0] for name in MODULES if "rasa" in _roots(name)} == {"bot"}
    assert {name.split(".")[1] for name in MODULES if "rasa_sdk" in _roots(name)} <= {"dialogue", "web"}


def test_the_web_framework_stays_in_the_web_when_listed() -> None:
    found = {name.split(".")[1] for name in MODULES if {"fastapi", "starlette"} & _roots(name)}
    assert found == {"web"}


def test_templates_are_rendered_for_pages_and_letters_alone_when_listed() -> None:
    # Letters are worded in template files as pages are; they are written where the case moves, not at the web edge.
    found = {name for name in MODULES if "jinja2" in _roots(name) and not name.startswith("actions.web.")}
    assert found == {"actions.cases.letters"}


def test_sql_stays_in_cases_when_listed() -> None:
    elsewhere = [name for name in MODULES if not name.startswith(("bot", "actions.cases."))]
    found = {one for name in elsewhere for one in _list_imports(_parse(MODULES[name])) if one.startswith("sqlalchemy")}
    # That there is no database is told at the edges, too.
    assert found <= {"sqlalchemy.exc", "sqlalchemy.exc.SQLAlchemyError"}


@pytest.mark.parametrize("name", MODULES)
def test_heavy_libraries_are_imported_late_when_needed(name: str) -> None:
    # `import torch` at the top of any module would cost every start of the service seconds and hundreds of megabytes.
    assert _list_early_roots(name) & HEAVY == set()


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short_when_counted(name: str) -> None:
    assert len(MODULES[name].read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_is_when_opened(name: str) -> None:
    assert ast.get_docstring(_parse(MODULES[name]))


def test_every_module_of_cases_dialogue_and_web_has_its_tests_when_listed() -> None:
    # Tests mirror the tree. Modules that are tables, shapes or thin lines are tested through those that use them.
    through_others = {
        "tables",
        "instants",
        "speech",
        "schemas",
        "context",
        "engine",
        "app",
        "env",
        "0001_initial",
        "0002_casework",
        "0003_inbox",
        "0004_untold",
        "0005_urgency",
        "0006_questions",
        "0007_contacts",
        "question_tables",
    }
    through_others |= {
        "work",
        "effects",
        "settlements",
        "sealed",
        "correspondence",
        "reconciliation",
        "copies",  # of backup
        "figures",  # of metrics and health
        "sightings",  # of the case page
    }  # of casework, audit
    missing = [
        name
        for name, path in MODULES.items()
        if name.startswith(("actions.cases.", "actions.dialogue.", "actions.web."))
        and path.stem not in through_others | {"__init__"}
        and not (ROOT / "tests" / Path(*name.split(".")[:2]) / f"test_{path.stem}.py").exists()
    ]
    assert missing == []
