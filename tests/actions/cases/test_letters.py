"""Letters: every template in both languages says what it must, and a mail never what it must not."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from actions.cases import letters
from actions.cases.articles import name_article
from actions.cases.grounds import list_grounds
from actions.cases.kinds import list_kinds
from actions.cases.letters import (
    Letter,
    LetterFacts,
    Quotation,
    ShopContact,
    hash_templates,
    list_missing,
    list_outcomes,
    list_templates,
    make_salutation,
    write_letter,
)
from actions.cases.notices import list_notices
from actions.cases.routes import list_routes
from actions.cases.workflow import list_outcomes as list_workflow_outcomes
from actions.cases.workflow import list_states, list_transitions
from actions.texts import LANGUAGES, say

RECEIPT = "M-AB12-CD34"
SHOPS = {
    "ja": ShopContact("COVERCHORD", "個人情報管理責任者", "0120-123-082", "desk@example.com", "平日11:00〜18:00"),
    "en": ShopContact(
        "COVERCHORD", "Personal Information Manager", "0120-123-082", "desk@example.com", "weekdays 11–18"
    ),
}
# What a mail may never hold: the officer's words, what was asked, and how the person is reached.
SECRETS = {
    "text": "canary-text 住所を新しくしました",
    "reason": "canary-reason 記録と一致しませんでした",
    "documents": "canary-documents 運転免許証",
}
CONFIRMING = ("receipt", "reminder", "code", "address")
STATUS, CONFIRM, DESK = (f"https://desk.example.com/{path}" for path in ("status/aaa", "confirm/bbb", "desk/M"))
QUOTATION = Quotation(
    "お客様情報に関する事項", "1.2", "法令に違反することとなる場合", "1-deadbeef", "if it is unlawful"
)
OFFICERS = [name for name in list_templates() if name.startswith("officer_")]
CUSTOMERS = [name for name in list_templates() if not name.startswith("officer_")]
OUTCOMES = [
    (kind, outcome)
    for kind, outcome in product(list_kinds(), list_outcomes())
    if list_workflow_outcomes()[outcome].suits(kind) or not list_workflow_outcomes()[outcome].course
]


def make_facts(template: str, language: str = "ja", **values: Any) -> LetterFacts:
    """Facts with everything filled in; keywords replace them."""
    known: dict[str, Any] = {"name": "山田花子", "kinds": ("correction", "complaint"), "kind": "correction"}
    known |= {"outcome": "refused", "ground": "correction_true", "quotes": (QUOTATION,), "fee_yen": 1200, **SECRETS}
    known |= {"date": date(2026, 12, 10), "status_url": STATUS, "confirm_url": CONFIRM, "desk_url": DESK}
    known |= {"code": "012345", "original": "M-ZZ99-YY88"}
    return LetterFacts(template, language, RECEIPT, SHOPS[language], **{**known, **values})


def assert_complete(letter: Letter) -> None:
    for part in (letter.subject, letter.text, letter.html, letter.page):
        assert not re.search(r"[{}]|%\}|None|\(\)|\n\n\n| ,", part), part
    assert RECEIPT in letter.subject
    assert "\n" not in letter.subject
    assert letter.text.count(RECEIPT) >= 1


def assert_discreet(letter: Letter) -> None:
    mail = letter.subject + letter.text + letter.html
    kept = [*SECRETS.values(), QUOTATION.quote, QUOTATION.section, "canary"]
    kept += [say(letter.language, f"kinds.{kind}") for kind in list_kinds()]
    assert [words for words in kept if words in mail] == []


# --- every letter


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", list_templates())
def test_a_letter_is_whole_and_its_mail_discreet_when_written(template: str, language: str) -> None:
    letter = write_letter(make_facts(template, language))
    assert (letter.template, letter.language) == (template, language)
    assert_complete(letter)
    assert_discreet(letter)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", list_templates())
def test_a_letter_is_whole_when_it_has_no_more_than_it_needs(template: str, language: str) -> None:
    needed = list_missing(LetterFacts(template, language, RECEIPT, SHOPS[language]))
    full = make_facts(template, language, outcome="not_held")
    bare = replace(LetterFacts(template, language, RECEIPT, SHOPS[language]), **{n: getattr(full, n) for n in needed})
    assert list_missing(bare) == ()
    letter = write_letter(bare)
    assert_complete(letter)
    assert_discreet(letter)
    assert "■ \n" not in letter.page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", CUSTOMERS)
def test_a_customers_mail_says_who_writes_and_how_to_answer_when_written(template: str, language: str) -> None:
    letter, shop = write_letter(make_facts(template, language)), SHOPS[language]
    assert letter.text.startswith(("山田花子 様\n", "Dear 山田花子,\n"))
    for part in filter(None, (letter.text, letter.page)):
        assert [words for words in (shop.officer, shop.phone, shop.email, shop.hours) if words not in part] == []
    assert f"\n{STATUS}\n" in letter.text
    assert DESK not in letter.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", OFFICERS)
def test_the_officers_mail_holds_number_and_desk_link_alone_when_written(template: str, language: str) -> None:
    letter = write_letter(make_facts(template, language))
    assert letter.page == ""
    assert f"\n{DESK}\n" in letter.text
    shown = letter.text + letter.html
    assert [words for words in ("山田", STATUS, CONFIRM, "012345") if words in shown] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", CONFIRMING)
def test_a_confirmation_mail_carries_link_code_and_warning_when_written(template: str, language: str) -> None:
    text = write_letter(make_facts(template, language, code_minutes=15)).text
    assert f"\n{CONFIRM}\n" in text
    assert re.search(r"(確認番号|Code) 012345\n", text)
    assert re.search(r"\D15(分間| minutes)", text)
    assert re.search(r"お心当たりのない場合は、何もしないで|If it was not you, do nothing", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", [name for name in CUSTOMERS if name not in CONFIRMING])
def test_no_code_is_told_when_the_letter_is_not_for_confirming(template: str, language: str) -> None:
    letter = write_letter(make_facts(template, language))
    assert "012345" not in letter.text + letter.html + letter.page
    assert CONFIRM not in letter.text + letter.html + letter.page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", [name for name in CUSTOMERS if name not in {*CONFIRMING, "address_left"}])
def test_a_person_without_a_page_is_told_where_to_ask_when_written(template: str, language: str) -> None:
    letter = write_letter(make_facts(template, language, status_url=""))
    assert "https://" not in letter.text
    assert "<a " not in letter.html
    assert re.search(
        r"受付番号を添えて、下記の連絡先へ|contact us as shown below and give the receipt number", letter.text
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", list_templates())
def test_html_says_the_same_and_loads_nothing_when_written(template: str, language: str) -> None:
    letter = write_letter(make_facts(template, language))
    assert set(re.findall(r"<(\w+)", letter.html)) <= {"html", "head", "meta", "title", "body", "p", "br", "a"}
    assert not re.search(r"\s(src|style|on\w+)=", letter.html)
    links = re.findall(r'href="([^"]*)"', letter.html)
    assert links == [line for line in letter.text.splitlines() if line.startswith("https://")]
    body = letter.html.partition("<body>")[2]
    told = html.unescape(re.sub(r"<[^>]+>", "", body))
    assert re.sub(r"\s", "", told) == re.sub(r"\s", "", letter.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("acknowledgement", ["DAY"]),
        ("documents", ["documents", "text"]),
        ("question", ["text"]),
        ("message", ["text"]),
        ("fee", ["1,200", "text"]),
        ("fee_waived", ["DAY", "text"]),
        ("extension", ["DAY", "text"]),
        ("withdrawn", ["text"]),
        ("reopened", ["DAY", "text"]),
    ],
)
def test_the_page_holds_what_the_officer_says_when_written(template: str, language: str, told: list[str]) -> None:
    page = write_letter(make_facts(template, language)).page
    days = {"ja": "2026年12月10日(木)", "en": "Thursday, 10 December 2026"}
    wanted = [SECRETS.get(words, days[language] if words == "DAY" else words) for words in told]
    assert [words for words in wanted if words not in page] == []
    assert say(language, "kinds.correction") in page
    assert say(language, "kinds.complaint") not in page


def test_the_page_names_every_kind_when_the_letter_is_on_the_whole_case() -> None:
    page = write_letter(make_facts("acknowledgement", kind="")).page
    assert f"お申し出 {say('ja', 'kinds.correction')}、{say('ja', 'kinds.complaint')}\n" in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("documents", ["・運転免許証 / driving licence", "マイナンバー / My Number: never"])
def test_no_my_number_is_wanted_when_documents_are_asked_for(language: str, documents: str) -> None:
    letter = write_letter(make_facts("documents", language, documents=documents))
    word = {"ja": "マイナンバー", "en": "My Number"}[language]
    assert letter.text.count(word) == 1
    assert letter.page.count(word) == 1


def test_the_fee_is_not_due_when_it_is_only_told() -> None:
    assert "ご承諾をいただくまで、費用がかかることはありません" in write_letter(make_facts("fee")).text
    assert "charge nothing" in write_letter(make_facts("fee", "en")).page


def test_a_declined_fee_is_named_when_it_ends_the_request() -> None:
    page = write_letter(make_facts("withdrawn", outcome="withdrawn_fee")).page
    assert "費用をいただかずに" in page
    assert "費用" not in write_letter(make_facts("withdrawn", outcome="withdrawn")).page


# --- decisions


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "outcome"), OUTCOMES, ids=[f"{kind}-{outcome}" for kind, outcome in OUTCOMES])
def test_a_decision_says_what_the_law_wants_when_told(kind: str, outcome: str, language: str) -> None:
    ground = next((one for one in list_grounds(kind)), None)
    facts = make_facts("decision", language, kind=kind, outcome=outcome, ground=ground.code if ground else "")
    letter = write_letter(facts)
    assert_complete(letter)
    assert_discreet(letter)
    notices = {notice.key for notice in list_notices(kind, outcome)}
    assert SECRETS["text"] in letter.page  # method, purpose, content, extent, measure: the officer's words
    assert SECRETS["reason"] in letter.page
    if "reason" in notices:
        assert ground is not None
        assert ground.text[language] in letter.page
        assert name_article(ground.law, language) in letter.page
        assert QUOTATION.quote in letter.page
        assert QUOTATION.version in letter.page
    phones = [route.phone for route in list_routes() if route.phone in letter.page]
    assert phones == ([route.phone for route in list_routes()] if "routes" in notices else [])


def test_every_outcome_that_ends_in_a_letter_is_worded_when_compared() -> None:
    told = {name for name, outcome in list_workflow_outcomes().items() if outcome.leads_to != "closed"}
    assert set(list_outcomes()) == told


def test_every_letter_of_the_workflow_exists_when_compared() -> None:
    sent = {row.letter for row in list_transitions().values()} | {state.letter for state in list_states().values()}
    assert sent - {""} <= set(list_templates())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", ["granted", "partial", "refused"])
def test_results_differ_by_kind_when_told(outcome: str, language: str) -> None:
    rights = [kind for kind, one in list_kinds().items() if one.course == "rights"]
    pages = [write_letter(make_facts("decision", language, kind=kind, outcome=outcome)).page for kind in rights]
    results = {re.search(r"■ (?:結果|Result)\n(.+)\n", page).group(1) for page in pages}  # type: ignore[union-attr]
    assert len(results) == len(rights) == 5


@pytest.mark.parametrize(
    ("outcome", "given", "order"),
    [
        ("granted", {"text": "した", "reason": ""}, ["訂正・追加・削除した内容\nした"]),
        ("granted", {"text": "", "reason": "した"}, ["訂正・追加・削除した内容\nした"]),
        ("partial", {"text": "した", "reason": "なぜ"}, ["した内容\nした", "その理由\nなぜ"]),
        ("refused", {"text": "", "reason": "なぜ"}, ["お断りする理由\nなぜ"]),
        ("refused", {"text": "なぜ", "reason": ""}, ["お断りする理由\nなぜ"]),
        ("refused", {"text": "さらに", "reason": "なぜ"}, ["お断りする理由\nなぜ", "補足\nさらに"]),
        ("not_held", {"text": "", "reason": ""}, []),
    ],
)
def test_each_text_stands_under_its_heading_when_told(outcome: str, given: dict[str, str], order: list[str]) -> None:
    page = write_letter(make_facts("decision", outcome=outcome, ground="", quotes=(), **given)).page
    middle = page[page.index("■ 結果") : page.index("■ これから")]
    places = [middle.index(words) for words in order]
    assert places == sorted(places)
    assert middle.count("■") == 1 + len(order)


@pytest.mark.parametrize(
    ("quotation", "shown"),
    [
        (QUOTATION, "プライバシーポリシー「お客様情報に関する事項」の1.2(版 1-deadbeef)\n「法令に違反"),
        (replace(QUOTATION, item=""), "プライバシーポリシー「お客様情報に関する事項」(版 1-deadbeef)\n「法令に違反"),
        (replace(QUOTATION, item="note"), "「お客様情報に関する事項」の注記(版 1-deadbeef)"),
    ],
)
def test_a_clause_is_quoted_with_its_place_when_it_is_the_ground(quotation: Quotation, shown: str) -> None:
    page = write_letter(make_facts("decision", quotes=(quotation,))).page
    assert shown in page
    assert "if it is unlawful" not in page


def test_the_japanese_quote_stays_when_the_letter_is_english() -> None:
    page = write_letter(make_facts("decision", "en")).page
    assert "「法令に違反することとなる場合」\nIn English (the Japanese text prevails): " in page
    assert '"if it is unlawful"' in page


def test_the_earlier_request_is_named_when_this_one_is_a_duplicate() -> None:
    assert "M-ZZ99-YY88" in write_letter(make_facts("decision", outcome="duplicate")).page


# --- what is missing


@pytest.mark.parametrize(
    ("template", "taken", "missing"),
    [
        ("receipt", {"code": ""}, ("code",)),
        ("receipt", {"code": "", "confirm_url": ""}, ("code", "confirm_url")),
        ("documents", {"documents": ""}, ("documents",)),
        ("question", {"text": ""}, ("text",)),
        ("fee", {"fee_yen": 0}, ("fee_yen",)),
        ("extension", {"date": None, "text": ""}, ("text", "date")),
        ("decision", {"outcome": ""}, ("outcome",)),
        ("decision", {"text": " ", "reason": "\n"}, ("words",)),
        ("officer_new", {"desk_url": ""}, ("desk_url",)),
    ],
)
def test_no_letter_goes_out_when_a_fact_is_missing(
    template: str, taken: dict[str, Any], missing: tuple[str, ...]
) -> None:
    facts = make_facts(template, **taken)
    assert list_missing(facts) == missing
    with pytest.raises(ValueError, match=missing[0]):
        write_letter(facts)


@pytest.mark.parametrize("outcome", ["partial", "alternative_measure", "refused", "not_ours"])
def test_no_refusal_goes_out_when_it_has_no_reason(outcome: str) -> None:
    # Art. 36, and the policy's own promise.
    assert list_missing(make_facts("decision", outcome=outcome, text="", reason="")) == ("words",)


@pytest.mark.parametrize("values", [{"template": "poem"}, {"template": "decision", "outcome": "withdrawn"}])
def test_an_unknown_letter_is_an_error_when_asked_for(values: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        write_letter(make_facts(**values))


# --- what somebody else typed


@pytest.mark.parametrize(
    ("name", "ja", "en"),
    [
        ("山田花子", "山田花子 様", "Dear 山田花子,"),
        ("  Hanako \t Yamada ", "Hanako Yamada 様", "Dear Hanako Yamada,"),
        ("J.R. O'Neil-Müller", "J.R. O'Neil-Müller 様", "Dear J.R. O'Neil-Müller,"),
        ("山田{receipt}{0.__class__}", "山田{receipt}{0.__class__} 様", "Dear 山田{receipt}{0.__class__},"),
        ("花子\r\nBcc: x", "お客様", "Dear customer,"),
        ("花子\nにせの行", "花子 にせの行 様", "Dear 花子 にせの行,"),
        ("花子\u2028次の行\x00", "花子 次の行 様", "Dear 花子 次の行,"),
        ("花\u202e子", "花 子 様", "Dear 花 子,"),
        ("https://evil.example/", "お客様", "Dear customer,"),
        ("急いで evil.example へ", "お客様", "Dear customer,"),
        ("ｗｗｗ．ｅｖｉｌ．ｅｘａｍｐｌｅ", "お客様", "Dear customer,"),
        ("<b>花子</b>", "お客様", "Dear customer,"),
        ("hanako@example.com", "お客様", "Dear customer,"),
        ("03-0000-0000", "お客様", "Dear customer,"),
        ("", "お客様", "Dear customer,"),
        ("あ" * 300, f"{'あ' * 60} 様", f"Dear {'あ' * 60},"),
    ],
)
def test_a_name_stays_one_harmless_line_when_it_is_addressed(name: str, ja: str, en: str) -> None:
    assert (make_salutation(name, "ja"), make_salutation(name, "en")) == (ja, en)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", CUSTOMERS)
def test_no_header_or_line_can_be_smuggled_in_when_a_name_has_newlines(template: str, language: str) -> None:
    letter = write_letter(make_facts(template, language, name="花子\r\nSubject: にせ\r\n\r\nにせの本文"))
    assert "にせ" not in letter.subject + letter.text + letter.html + letter.page


def test_markup_stays_text_when_the_shops_name_has_it() -> None:
    shop = replace(SHOPS["ja"], name='A&B <script>"')
    letter = write_letter(replace(make_facts("decision"), shop=shop))
    assert "A&amp;B &lt;script&gt;" in letter.html
    assert "<script" not in letter.html


def test_words_of_a_template_stay_words_when_an_officer_writes_them() -> None:
    page = write_letter(make_facts("message", text="{{ code }} {% raw %} {# x #}\r\n\r\n次の段落")).page
    assert "{{ code }} {% raw %} {# x #}\n\n次の段落" in page


# --- the words themselves


def test_customers_are_spoken_to_plainly_when_in_japanese() -> None:
    folder = Path(letters.__file__).parent / "letters" / "ja"
    words = "".join(path.read_text("utf-8") for path in sorted(folder.iterdir()))
    assert not re.search(r"させていただ|させて頂|になられ|おられ|くださいませ|いたしかねます|誠に|何卒", words)
    endings = set(re.findall(r"(\w{2,5})。", words))
    assert [one for one in endings if not re.search(r"(です|ます|ました|ません|でした|ください)$", one)] == []
    assert len(endings) > 10


def test_both_languages_have_the_same_files_when_compared() -> None:
    folder = Path(letters.__file__).parent / "letters"
    names = [{path.name for path in (folder / language).iterdir()} for language in LANGUAGES]
    assert names[0] == names[1]
    assert {f"{name}.txt" for name in list_templates()} <= names[0]
    for name in ("outcomes.toml",):
        ja, en = (letters._load(f"{language}/{name}") for language in LANGUAGES)
        assert {(a, b, c) for a in ja for b in ja[a] for c in ja[a][b]} == {
            (a, b, c) for a in en for b in en[a] for c in en[a][b]
        }


def test_the_edition_changes_when_a_word_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = hash_templates()
    assert re.fullmatch(r"[0-9a-f]{8}", before)
    file = tmp_path / "ja" / "x.txt"
    file.parent.mkdir()
    editions = set()
    for name, words in [("x.txt", "あ"), ("x.txt", "い"), ("y.txt", "い")]:
        file.unlink(missing_ok=True)
        file = file.with_name(name)
        file.write_text(words, "utf-8")
        monkeypatch.setattr(letters, "_FOLDER", tmp_path)
        hash_templates.cache_clear()
        editions.add(hash_templates())
    hash_templates.cache_clear()
    assert len(editions) == 3
    assert hashlib.sha256("ja/y.txt\0い\0".encode()).hexdigest()[:8] in editions
