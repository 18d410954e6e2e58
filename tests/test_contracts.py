"""What two sides must agree on without importing each other: names, slots, sentences, settings, the shop's contact."""

from __future__ import annotations

import ast
import inspect
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.cases.desk import CHANNELS
from actions.cases.guards import GUARDS, METHODS, Form
from actions.cases.kinds import list_kinds
from actions.cases.permissions import list_roles
from actions.cases.records import FIELDS, Draft
from actions.cases.workflow import list_actions, list_outcomes, list_states
from actions.dialogue import actions
from actions.dialogue.messages import PAYLOADS
from actions.dialogue.registry import make_executor
from actions.settings import Settings
from actions.texts import LANGUAGES, list_keys
from actions.web.desk_words import _WORDED
from bot.nlu import intent_of
from knowledge.policy import Policy, load_policy
from knowledge.wordings import load_wordings

ROOT = Path(__file__).parents[1]
SHOP = ROOT / "knowledge" / "policies" / "coverchord"
DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "bot/domain/domain.yml").read_text("utf-8"))
RULES: list[dict[str, Any]] = yaml.safe_load((ROOT / "bot/data/rules/rules.yml").read_text("utf-8"))["rules"]
FORM = "request_form"
RASAS_OWN_INTENTS = {"nlu_fallback"}
RASAS_OWN_ACTIONS = {"action_listen"}
# The dialogue process's, which `actions.supervisor` makes from ours, and the tests' own.
OTHER_VARIABLES = re.compile(r"MADOGUCHI_(WEBHOOK_URL|REQUIRE_[A-Z]+|TEST_[A-Z]+)?")


def _find_steps(key: str) -> set[str]:
    return {str(step[key]) for rule in RULES for step in rule["steps"] if key in step}


# --- names shared with Rasa


def test_the_domains_actions_are_the_registered_ones_when_compared() -> None:
    # The names are all that is asked for: no service is touched.
    registered = set(make_executor(None).actions)  # type: ignore[arg-type]
    assert set(DOMAIN["actions"]) == registered
    assert f"validate_{FORM}" in registered
    assert list(DOMAIN["forms"]) == [FORM]


def test_rules_call_only_what_the_domain_knows_when_compared() -> None:
    assert _find_steps("action") <= {*DOMAIN["actions"], *DOMAIN["forms"], *RASAS_OWN_ACTIONS}
    assert _find_steps("active_loop") <= {FORM, "None"}


def test_the_domains_intents_are_those_that_rules_and_wordings_use_when_compared() -> None:
    intents = set(DOMAIN["intents"])
    taught = {intent_of(wording) for wording in load_wordings(SHOP / "wordings")}
    # Without a rule Rasa would say nothing at all; without wordings it could never recognise the intent.
    assert _find_steps("intent") - RASAS_OWN_INTENTS == intents
    assert taught == intents
    assert {kind.intent for kind in list_kinds().values()} <= intents


def test_buttons_fire_only_known_intents_when_compared() -> None:
    assert {command.removeprefix("/") for command, _ in PAYLOADS.values()} <= set(DOMAIN["intents"])


@pytest.mark.parametrize("intent", [kind.intent for kind in list_kinds().values()])
def test_a_kind_opens_the_form_when_its_intent_is_heard(intent: str) -> None:
    (rule,) = [rule for rule in RULES if rule["steps"][0].get("intent") == intent]
    assert [step.get("action") for step in rule["steps"][1:]] == [FORM, None]
    assert rule["steps"][2]["active_loop"] == FORM


# --- slots


def _read_kept_slots() -> set[str]:
    """`KEPT_SLOTS` of the tracker store, read as text: Rasa is not importable here."""
    tree = ast.parse((ROOT / "bot/components/tracker_store.py").read_text("utf-8"))
    (value,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "KEPT_SLOTS"
    ]
    assert isinstance(value, ast.Call)
    found: set[str] = ast.literal_eval(value.args[0])
    return found


def _list_set_slots() -> dict[str, set[object]]:
    """Every slot that the form's validation sets, with the values it takes over all states of a draft."""
    drafts: list[Draft | None] = [None]
    for count in range(len(FIELDS) + 1):
        given = dict.fromkeys(FIELDS[:count], "山田花子のひみつ")
        asked = FIELDS[count] if count < len(FIELDS) else "confirmation"
        drafts.append(Draft(("complaint",), "ja", "1-0", "key", asked, given))
    found: dict[str, set[object]] = {}
    for draft in drafts:
        for event in actions._report(draft):
            found.setdefault(event["name"], set()).add(event["value"])
    return found


def test_every_slot_that_is_set_exists_and_is_kept_when_compared() -> None:
    slots = set(_list_set_slots())
    assert slots <= {*DOMAIN["slots"], "requested_slot"}
    assert slots <= _read_kept_slots()


def test_slots_hold_only_words_of_the_program_when_set() -> None:
    known = {None, actions.GIVEN, *DOMAIN["forms"][FORM]["required_slots"]}
    assert {value for values in _list_set_slots().values() for value in values} <= known


def test_nothing_is_kept_that_nobody_sets_when_compared() -> None:
    assert _read_kept_slots() - set(DOMAIN["slots"]) == {"requested_slot"}


def test_the_form_asks_for_the_drafts_fields_when_compared() -> None:
    required = DOMAIN["forms"][FORM]["required_slots"]
    assert required == [*(f"request_{name}" for name in FIELDS), "request_confirmation"]
    assert set(required) <= set(DOMAIN["slots"])


def test_no_slot_fills_itself_when_a_message_comes() -> None:
    # An unconditioned `from_text` would copy a person's words into Rasa's memory.
    for slot in DOMAIN["slots"].values():
        assert slot["mappings"] == [{"type": "custom"}]
        assert slot["influence_conversation"] is False


# --- sentences

ANY = "[a-z_0-9]+"  # a name that is filled in when the key is asked for


def _list_placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys_when_compared() -> None:
    assert LANGUAGES == ("ja", "en")
    assert list(list_keys("ja")) == list(list_keys("en"))


@pytest.mark.parametrize("key", list_keys("ja"))
def test_a_sentence_has_the_same_placeholders_when_translated(key: str) -> None:
    assert _list_placeholders(list_keys("ja")[key]) == _list_placeholders(list_keys("en")[key])


def _list_patterns_in_code() -> Iterator[tuple[str, str]]:
    """Key patterns of every `say(…)` call: where it stands, and a regular expression of the keys it may ask for."""
    for path in sorted([*(ROOT / "actions/dialogue").glob("*.py"), *(ROOT / "actions/web").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = f"{path.name}:{node.lineno}"
            if _is_on_stage(node) and node.args:
                # a form's own `say` and `find` speak of the desk
                yield from ((place, rf"desk\.{one}") for one in _read_pattern(node.args[0], r""))
            elif name in {"say", "_word"} and node.args:
                # `say(language, key)` of texts, `speech.say(key)` of the dialogue
                for argument in node.args[:2]:
                    yield from ((place, one) for one in _read_pattern(argument))
            elif name == "closing" and isinstance(node.args[0], ast.Constant):
                yield place, re.escape(f"intake.{node.args[0].value}")
    # Sections that are filled in: an audit entry's values, an export's columns, an error's sentence
    yield from (("desk_words.py", rf"{re.escape(section)}\.{ANY}") for section in _WORDED.values())
    yield from (("desk_export.py", rf"{section}\.{ANY}") for section in ("states", "outcomes"))
    yield "problems.py", rf"errors\.{ANY}"


def _is_on_stage(node: ast.Call) -> bool:
    function = node.func
    on_stage = isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "stage"
    return on_stage and isinstance(function, ast.Attribute) and function.attr in {"say", "find"}


def _read_pattern(node: ast.expr, dot: str = r"\.") -> Iterator[str]:
    """The pattern of a key with a dot in it; nothing for a language or a name that is filled elsewhere."""
    if isinstance(node, ast.IfExp):
        yield from _read_pattern(node.body, dot)
        yield from _read_pattern(node.orelse, dot)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and ("." in node.value or not dot):
        yield re.escape(node.value)
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        # (a section that is itself filled in would ask for everything: it is listed by hand)
        parts = [re.escape(str(one.value)) if isinstance(one, ast.Constant) else ANY for one in node.values]
        if r"\." in "".join(parts):
            yield "".join(parts)


def _list_patterns_in_templates() -> Iterator[tuple[str, str]]:
    """Key patterns of every `t(…)` call; of `t("kinds." ~ kind)` any key below `kinds`."""
    for path in sorted((ROOT / "actions/web/templates").glob("*.html")):
        for quote, key, rest in re.findall(r"""\bt\((["'])([a-z_.]+)\1\s*(~?)""", path.read_text("utf-8")):
            assert quote
            yield path.name, re.escape(key) + (ANY if rest else "")


PATTERNS = [*_list_patterns_in_code(), *_list_patterns_in_templates()]


# What is worded only where it needs a word of its own (`stage.find`)
OPTIONAL = {rf"desk\.{section}\.{ANY}_{ANY}" for section in ("hints", "inputs")}
WORDED = [(place, pattern) for place, pattern in PATTERNS if pattern not in OPTIONAL]


@pytest.mark.parametrize(("place", "pattern"), WORDED, ids=[f"{place} {pattern}" for place, pattern in WORDED])
def test_a_sentence_exists_when_it_is_asked_for(place: str, pattern: str) -> None:
    assert [key for key in list_keys("ja") if re.fullmatch(pattern, key)], f"{place} asks for {pattern}"


def test_no_sentence_is_left_that_nobody_asks_for_when_listed() -> None:
    patterns = {pattern for _, pattern in PATTERNS}
    unused = [key for key in list_keys("ja") if not any(re.fullmatch(pattern, key) for pattern in patterns)]
    assert unused == []


def test_the_search_for_keys_finds_them_when_it_reads_the_sources() -> None:
    patterns = {pattern for _, pattern in PATTERNS}
    assert {
        r"pages\.title",
        r"buttons\.request",
        r"fields\.[a-z_0-9]+",
        r"errors\.[a-z_0-9]+",
        r"kinds\.[a-z_0-9]+",
    } <= patterns
    assert r"intake\.expired" in patterns
    assert len(patterns) > 80


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("kinds.", list_kinds()),
        ("intake.conditions_", list_kinds()),
        ("fields.", FIELDS),
        ("intake.ask_", [*FIELDS, "confirmation"]),
        ("intake.again_", [*FIELDS, "confirmation"]),
        ("intake.why_", [*FIELDS, "confirmation"]),
        ("desk.channels.", ["chat", "form", *CHANNELS]),
        ("desk.actors.", ["customer", "system"]),
        ("desk.actions.", list_actions()),
        ("desk.methods.", METHODS),
        ("desk.roles.", list_roles()),
        ("states.", list_states()),
        ("outcomes.", list_outcomes()),
        ("conditions.", [*GUARDS, *(f"needs_{name}" for name in Form.__dataclass_fields__)]),
    ],
)
def test_every_name_is_worded_when_a_key_is_put_together(prefix: str, names: list[str]) -> None:
    assert {f"{prefix}{name}" for name in names} <= set(list_keys("ja"))


# --- the shop


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(SHOP)


@pytest.mark.parametrize("name", ["phone", "email"])
def test_the_shops_contact_is_the_policys_when_compared(policy: Policy, name: str) -> None:
    for language in LANGUAGES:
        assert any(getattr(policy.shop, name) in unit.text for unit in policy.units[language])


def test_the_shops_hours_are_the_policys_when_compared(policy: Policy) -> None:
    days, opening, closing = re.fullmatch(r"(平日)(\d+:\d\d)〜(\d+:\d\d)", policy.shop.hours["ja"]).groups()  # type: ignore[union-attr]
    text = re.sub(r"\s", "", "".join(unit.text for unit in policy.units["ja"]))
    assert re.search(rf"{days}.?{opening}.{closing}", text)
    assert opening in policy.shop.hours["en"]
    assert closing in policy.shop.hours["en"]


def test_the_officers_title_is_the_policys_when_compared(policy: Policy) -> None:
    for language in LANGUAGES:
        assert any(policy.shop.officer[language] in unit.text for unit in policy.units[language])


# --- settings


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_says_what_it_is_for_when_listed(name: str) -> None:
    described = Settings.model_fields[name].description
    assert described
    assert len(described) > 10


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_in_the_readme_when_there_is_one(name: str) -> None:
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("there is no README yet")
    field = Settings.model_fields[name]
    (row,) = re.findall(rf"^\| `MADOGUCHI_{name.upper()}` \|.*$", readme.read_text("utf-8"), re.MULTILINE)
    assert str(field.description) in row
    shown = str(field.default)
    assert f"`{shown}`" in row or shown in {"", "()", "**********"}


@pytest.mark.parametrize("path", ["README.md", "docs/development.md", "compose.yaml", ".ci/run", "Makefile"])
def test_only_settings_that_exist_are_written_about_when_documented(path: str) -> None:
    file = ROOT / path
    if not file.exists():
        pytest.skip(f"there is no {path} yet")
    known = {f"MADOGUCHI_{name.upper()}" for name in Settings.model_fields}
    written = set(re.findall(r"\bMADOGUCHI_[A-Z_]*", file.read_text("utf-8")))
    assert {name for name in written - known if not OTHER_VARIABLES.fullmatch(name)} == set()


def test_the_engine_gets_what_its_files_ask_for_when_started() -> None:
    from actions import supervisor

    wanted = set(re.findall(r"\$\{(\w+)\}", (ROOT / "bot/endpoints.yml").read_text("utf-8")))
    assert wanted == {
        *("MADOGUCHI_WEBHOOK_URL", "MADOGUCHI_WEBHOOK_SECRET", "MADOGUCHI_TRACKER_URL"),
        *("MADOGUCHI_REDIS_URL", "MADOGUCHI_LOCK_STORE"),
    }
    wanted.remove("MADOGUCHI_LOCK_STORE")  # the launcher finds it out
    assert all(f'"{name}"' in inspect.getsource(supervisor) for name in wanted)
    assert wanted <= set(supervisor._bot_environment(Settings()))
