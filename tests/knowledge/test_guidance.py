from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import PolicyFormatError
from knowledge.guidance import GUIDANCE_FILES, Guidance, NamedList, Words, find_words, load_guidance
from knowledge.policy import LANGUAGES, Policy, list_editions, load_policy
from knowledge.text import normalise
from knowledge.wordings import GOVERNING_CLAUSES
from tests.knowledge.facts import find_strange_facts, find_strange_names, gives_assurance

_SHOP = Path(__file__).parents[2] / "knowledge" / "policies" / "coverchord"
_POLICY = load_policy(_SHOP)
_READINGS = [(clause_id, language) for clause_id in _POLICY.guidance.readings for language in LANGUAGES]
_WAYS = [(clause_id, language) for clause_id in _POLICY.guidance.ways for language in LANGUAGES]
_LISTS = [(clause_id, language) for clause_id in _POLICY.guidance.lists for language in LANGUAGES]
_WORDS = [
    (table, language, name, word)
    for table in ("things", "receivers")
    for name, row in getattr(_POLICY.guidance, table).items()
    for language in LANGUAGES
    for word in row[language]
]

_LONGEST = {"ja": 24, "en": 52}  # characters of a reading: it is a button on a telephone
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠々]")
# Whom or what a way may send the customer to; each must stand in a clause that the way cites.
_CHANNELS = {
    "ja": ["個人情報管理責任者", "お問い合わせページ", "「ご登録情報の確認・変更」ページ", "お手紙", "電子メール"],
    "en": ["Personal Information Manager", "contact page", "page for checking and changing", "letter", "e-mail"],
}


def _family(policy: Policy, clause_id: str, language: str) -> str:
    """The clause's text with the items it lists and what it stands under: what an answer quotes with it."""
    parents, parent = [], policy.find_parent(clause_id)
    while parent:
        parents.append(parent)
        parent = policy.find_parent(parent)
    ids = [clause_id, *policy.list_items(clause_id), *parents]
    return "\n".join(f"{policy.get_unit(one, language).section}\n{policy.get_unit(one, language).text}" for one in ids)


def _cited(policy: Policy, clause_id: str, language: str) -> str:
    """The text of what a way cites; an English answer shows the Japanese original with it."""
    languages = ("ja",) if language == "ja" else LANGUAGES
    cites = policy.guidance.ways[clause_id].cites
    return "\n".join(policy.get_unit(one, shown).text for one in cites for shown in languages)


def test_every_clause_has_one_reading_a_language(policy: Policy) -> None:
    assert tuple(sorted(policy.guidance.readings)) == tuple(sorted(policy.clause_ids))
    assert all(set(reading) == set(LANGUAGES) for reading in policy.guidance.readings.values())


@pytest.mark.parametrize(("clause_id", "language"), _READINGS)
def test_reading_fits_a_button(policy: Policy, clause_id: str, language: str) -> None:
    reading = policy.guidance.readings[clause_id][language]
    assert 3 <= len(reading) <= _LONGEST[language]
    assert reading == normalise(reading)
    assert not re.search(r"[。.?？!]$", reading)  # a topic to choose, not a sentence of the desk's
    assert bool(_JAPANESE.search(reading)) == (language == "ja")
    assert not reading.startswith("/")  # the engine would take it for a command


@pytest.mark.parametrize("language", LANGUAGES)
def test_readings_tell_all_clauses_apart(policy: Policy, language: str) -> None:
    readings = [normalise(reading[language]).casefold() for reading in policy.guidance.readings.values()]
    assert len(set(readings)) == len(readings)


@pytest.mark.parametrize(("clause_id", "language"), _READINGS)
def test_facts_of_a_reading_stand_in_its_clause(policy: Policy, clause_id: str, language: str) -> None:
    reading, text = policy.guidance.readings[clause_id][language], _family(policy, clause_id, language)
    assert find_strange_facts(reading, text) == []
    assert find_strange_names(reading, text) == []
    assert not gives_assurance(reading, language)


@pytest.mark.parametrize(("clause_id", "language"), _READINGS)
def test_reading_that_is_chosen_leads_to_its_clause(policy: Policy, clause_id: str, language: str) -> None:
    reading = policy.guidance.readings[clause_id][language]
    assert policy.guidance.find_reading(reading, language) == clause_id
    assert policy.guidance.find_reading(f"  {reading}\n", language) == clause_id
    assert policy.guidance.find_reading(f"{reading}?", language) is None


@pytest.mark.parametrize("text", ["", " ", "?", "個人情報", "what", "(.*)", "\ud800"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_other_text_is_no_reading(policy: Policy, text: str, language: str) -> None:
    assert policy.guidance.find_reading(text, language) is None


def test_every_right_and_complaint_has_the_policys_own_way(policy: Policy) -> None:
    assert set(policy.guidance.ways) == set(GOVERNING_CLAUSES.values())


@pytest.mark.parametrize(("clause_id", "language"), _WAYS)
def test_facts_of_a_way_stand_in_the_clauses_it_cites(policy: Policy, clause_id: str, language: str) -> None:
    sentence, text = policy.guidance.ways[clause_id].text[language], _cited(policy, clause_id, language)
    assert find_strange_facts(sentence, text) == []
    # Titles are written large in the English answers and small in two clauses.
    assert [name for name in find_strange_names(sentence, text.title()) if name not in text] == []


@pytest.mark.parametrize(("clause_id", "language"), _WAYS)
def test_way_names_a_channel_that_the_cited_clauses_name(policy: Policy, clause_id: str, language: str) -> None:
    way = policy.guidance.ways[clause_id]
    named = [channel for channel in _CHANNELS[language] if channel in way.text[language]]
    assert named
    # What the answer quotes: the right's own clause, and what the way cites.
    shown = f"{policy.get_unit(clause_id, language).text}\n{_cited(policy, clause_id, language)}".casefold()
    assert [channel for channel in named if channel.casefold() not in shown] == []


@pytest.mark.parametrize("clause_id", list(_POLICY.guidance.ways))
def test_languages_of_a_way_name_the_same_channels(policy: Policy, clause_id: str) -> None:
    named = [
        [channel in policy.guidance.ways[clause_id].text[language] for channel in _CHANNELS[language]]
        for language in LANGUAGES
    ]
    assert named[0] == named[1]


@pytest.mark.parametrize("clause_id", list(_POLICY.guidance.ways))
def test_way_cites_other_clauses_each_once(policy: Policy, clause_id: str) -> None:
    cites = policy.guidance.ways[clause_id].cites
    assert cites
    assert len({*cites, clause_id}) == len(cites) + 1
    assert set(cites) <= set(policy.clause_ids)


@pytest.mark.parametrize(("clause_id", "language"), [*_WAYS, *_LISTS])
def test_sentence_is_one_paragraph_of_whole_sentences(policy: Policy, clause_id: str, language: str) -> None:
    guidance = policy.guidance
    said = (guidance.ways.get(clause_id) or guidance.lists[clause_id]).text[language]
    assert said == said.strip()
    assert said.endswith("。" if language == "ja" else ".")
    assert "\n" not in said
    assert len(policy.leads[clause_id][language] + said) <= 500  # both stand above the quote, on a telephone too
    assert not gives_assurance(said, language)


@pytest.mark.parametrize(("clause_id", "language"), _LISTS)
def test_list_names_just_the_things_that_stand_in_its_clause(policy: Policy, clause_id: str, language: str) -> None:
    ids = [clause_id, *policy.list_items(clause_id)]
    text = "\n".join(policy.get_unit(one, language).text for one in ids)
    assert set(find_words(policy.guidance.things, text, language)) == set(policy.guidance.lists[clause_id].names)


@pytest.mark.parametrize(("clause_id", "language"), _LISTS)
def test_sentence_on_an_unnamed_thing_claims_no_more_than_that(policy: Policy, clause_id: str, language: str) -> None:
    # Not named is not "not collected" or "not passed on": that the policy does not say.
    said = policy.guidance.lists[clause_id].text[language]
    assert re.findall(r"\{.*?\}", said) == ["{thing}"]
    if language == "ja":
        assert all(one.endswith(("記載されていません", "ポリシーにはありません")) for one in said[:-1].split("。"))
        assert not re.search(r"渡|集|提供|預|含まれ(ません|ない)|収集", said)
    else:
        assert re.match(r"This list does not name “\{thing\}”[.;]", said)
        assert not re.search(r"\b(pass|collect|give|share|receiv|get|entrust|provid|includes? no|not include)", said)
    assert find_strange_facts(said.format(thing="x"), f"x {policy.get_unit(clause_id, language).text}") == []


def test_things_beside_a_list_are_not_those_it_names(policy: Policy) -> None:
    for named in policy.guidance.lists.values():
        assert not set(named.names) & set(named.beside)


@pytest.mark.parametrize(("table", "language", "name", "word"), _WORDS)
def test_each_word_is_found_in_a_text(policy: Policy, table: str, language: str, name: str, word: str) -> None:
    words: Words = getattr(policy.guidance, table)
    sentence = f"うちの{word}は渡りますか" if language == "ja" else f"Do they get my {word}, too?"
    assert find_words(words, sentence, language) == {name: word}
    assert find_words(words, sentence.upper(), language).keys() == {name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_stands_for_one_thing_or_receiver(policy: Policy, language: str) -> None:
    rows = [*policy.guidance.things.values(), *policy.guidance.receivers.values()]
    words = [word.casefold() for row in rows for word in row[language]]
    assert len(set(words)) == len(words)


def _found(policy: Policy, text: str, language: str) -> dict[str, str]:
    return find_words(policy.guidance.things, text, language)


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("携帯電話とメアドと住所", "ja", {"phone": "携帯電話", "email": "メアド", "address": "住所"}),  # as in the text
        ("住所、それと電話番号", "ja", {"address": "住所", "phone": "電話番号"}),
        ("ﾒｰﾙｱﾄﾞﾚｽ", "ja", {"email": "メールアドレス"}),
        ("my address and date of birth", "en", {"address": "address", "birthday": "date of birth"}),
        ("E-Mail  ADDRESS", "en", {"email": "E-Mail ADDRESS"}),  # not an address, and as it is written
        # Parts of other words: neither age nor name, ip, pin, card, cell.
        ("packaged hostages renamed the ship, shopping at a discarded excellent place", "en", {}),
        ("VIP会員ですがONLINEで買えますか", "ja", {}),
        ("IPとLINEは渡りますか", "ja", {"device": "IP", "social": "LINE"}),
        ("", "ja", {}),
        ("", "en", {}),
    ],
)
def test_words_are_found_whole_the_longest_first_and_in_the_order_of_the_text(
    policy: Policy, text: str, language: str, found: dict[str, str]
) -> None:
    assert list(_found(policy, text, language).items()) == list(found.items())


_ODD: dict[str, Any] = {
    "dot": {"ja": ("a.b",), "en": ("a.b",)},
    "star": {"ja": ("(*)",), "en": ("x*y",)},
    "slash": {"ja": ("\\1",), "en": (r"c\g<0>d",)},
}


def _guidance(**fields: Any) -> Guidance:
    return Guidance(**{**{one.name: {} for one in dataclasses.fields(Guidance)}, **fields})


def test_signs_of_patterns_are_plain_text_in_words() -> None:
    assert find_words(_ODD, "aXb xxy", "en") == {}
    assert find_words(_ODD, r"a.b x*y c\g<0>d", "en") == {"dot": "a.b", "star": "x*y", "slash": r"c\g<0>d"}
    guidance = _guidance(things=_ODD)
    assert guidance.replace_like("do you keep a.b?", r"c\g<0>d", "en") == r"do you keep c\g<0>d?"
    assert guidance.replace_like("(*)は渡りますか", "\\1", "ja") == "\\1は渡りますか"


@pytest.mark.parametrize(
    ("question", "instead", "language", "exchanged"),
    [
        ("DHLに住所は渡りますか", "電話番号", "ja", "DHLに電話番号は渡りますか"),
        ("DHLに住所は渡りますか", "ヤマト", "ja", "ヤマトに住所は渡りますか"),
        ("DHLに住所は渡りますか", "警察に電話番号", "ja", "警察に電話番号は渡りますか"),  # both
        ("住所と住所録", "メアド", "ja", "メアドと住所録"),  # once
        ("Does DHL get my address?", "my phone number", "en", "Does DHL get my phone number?"),
        ("Does DHL get my address?", "the police", "en", "Does the police get my address?"),
        ("ＤＨＬに　住所は渡りますか", "電話番号", "ja", "DHLに 電話番号は渡りますか"),
        ("情報をどう守りますか", "電話番号", "ja", None),  # nothing like it in the question
        ("DHLに住所は渡りますか", "統計", "ja", None),
        ("DHLに住所は渡りますか", "", "ja", None),
        ("", "DHL", "en", None),
    ],
)
def test_like_is_exchanged_for_like(
    policy: Policy, question: str, instead: str, language: str, exchanged: str | None
) -> None:
    assert policy.guidance.replace_like(question, instead, language) == exchanged


@pytest.mark.parametrize(
    ("clause_id", "text", "language", "thing"),
    [
        ("entrusted.1", "DHLに電話番号は渡りますか", "ja", "電話番号"),
        ("entrusted.1", "Does DHL get my Phone Number?", "en", "Phone Number"),
        ("entrusted.1", "DHLに住所は渡りますか", "ja", None),
        ("entrusted.1", "住所と生年月日は渡りますか", "ja", "生年月日"),
        ("entrusted.1", "何を渡しますか", "ja", None),
        ("collected", "電話番号を集めますか", "ja", None),
        ("collected", "do you collect my credit card?", "en", "credit card"),
        # What is bought comes up with the question, and is not what it asks about.
        ("collected", "商品を買うと何を集めますか", "ja", None),
        ("collected", "What do you collect when I buy a product?", "en", None),
        ("collected", "商品を買うとクレジットカードの番号を集めますか", "ja", "クレジットカード"),
        ("security", "電話番号", "ja", None),  # no list
        ("nowhere", "電話番号", "ja", None),
    ],
)
def test_thing_that_a_list_does_not_name_is_found(
    policy: Policy, clause_id: str, text: str, language: str, thing: str | None
) -> None:
    assert policy.guidance.find_unnamed(clause_id, text, language) == thing


@given(
    question=st.text(max_size=40),
    instead=st.text(max_size=40),
    language=st.sampled_from(LANGUAGES),
    word=st.sampled_from([word for *_, word in _WORDS]),
)
def test_any_text_is_searched(question: str, instead: str, language: str, word: str) -> None:
    guidance = _POLICY.guidance
    for text in (question, f"{question}{word}{instead}"):
        for found in find_words(guidance.things, text, language).values():
            assert found in normalise(text)
        guidance.find_reading(text, language)
        guidance.find_unnamed("collected", text, language)
        exchanged = guidance.replace_like(text, f"{instead} {word}", language)
        assert (
            exchanged is None
            or word.casefold() in exchanged.casefold()
            or find_words(guidance.things, instead, language)
        )


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """A copy of the edition's guidance, to damage."""
    for name in GUIDANCE_FILES:
        shutil.copyfile(list_editions(_SHOP)[-1] / name, tmp_path / name)
    return tmp_path


def test_guidance_is_read_as_it_is_written(edition: Path, policy: Policy) -> None:
    assert load_guidance(edition, policy.clause_ids) == policy.guidance
    assert isinstance(policy.guidance.lists["collected"], NamedList)


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("readings.toml", "[purpose]", "[purpose", "guidance of"),
        ("readings.toml", "[security]", "[safety]", "one ja and one en reading"),
        ("readings.toml", 'en = "Use for statistics"', "", "KeyError\\('en'\\)"),
        ("readings.toml", 'en = "Use for statistics"', 'en = ""', "no text"),
        ("readings.toml", 'en = "Use for statistics"', "en = 3", "no text"),
        ("readings.toml", 'en = "Use for statistics"', 'en = ["Use"]', "no text"),
        ("guidance.toml", '[ways."rights.4"]', '[ways."rights.9"]', "unknown clauses \\['rights.9'\\]"),
        ("guidance.toml", "[lists.collected]", "[lists.elsewhere]", "unknown clauses \\['elsewhere'\\]"),
        ("guidance.toml", 'cites = ["changes", "changes.note"]', 'cites = ["changes.2"]', "unknown clauses"),
        ("guidance.toml", 'cites = ["changes", "changes.note"]', 'cites = "changes"', "no list"),
        ("guidance.toml", 'cites = ["changes", "changes.note"]', "", "KeyError\\('cites'\\)"),
        ("guidance.toml", 'names = ["name", "address", "goods"]', 'names = ["shoe"]', "unknown things \\['shoe'\\]"),
        ("guidance.toml", 'beside = ["goods"]', 'beside = ["shoe"]', "unknown things \\['shoe'\\]"),
        ("guidance.toml", '["gender", "sex"]', '"gender"', "no list"),
        ("guidance.toml", '["gender", "sex"]', '["gender", ""]', "no text"),
        ("guidance.toml", '["gender", "sex"]', '["gender", 3]', "no text"),
        ("guidance.toml", "[things.", "[objects.", "KeyError\\('things'\\)"),
    ],
)
def test_guidance_is_refused_when_it_is_malformed(
    edition: Path, policy: Policy, name: str, old: str, new: str, reason: str
) -> None:
    text = (edition / name).read_text("utf-8")
    assert old in text
    (edition / name).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(PolicyFormatError, match=reason):
        load_guidance(edition, policy.clause_ids)


@pytest.mark.parametrize("name", GUIDANCE_FILES)
@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_guidance_is_refused_when_a_file_is_missing_or_not_text(
    edition: Path, policy: Policy, name: str, content: bytes | None
) -> None:
    (edition / name).unlink()
    if content is not None:
        (edition / name).write_bytes(content)
    with pytest.raises(PolicyFormatError, match="guidance of"):
        load_guidance(edition, policy.clause_ids)
