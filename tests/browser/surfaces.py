"""Every page of the desk, one line each: what it is called, where it is, who opens it, what is done on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, Response

from tests.browser.seeds import DETAILS, Seeds

VISITOR = ""  # somebody without any cookie
OFFICER, STAFF, ADMINISTRATOR = "hanako", "soko", "kanri"


@dataclass(frozen=True, slots=True)
class Surface:
    """A page. `path` may name places of the seeds; `who` has their cookies; `act` leads on to what is meant.

    `status` is what the page, after `act` if there is one, is answered with.
    """

    name: str
    path: str
    who: str = VISITOR
    act: Callable[[Page], None] | None = None
    status: int = 200

    def open(self, page: Page, seeds: Seeds, language: str) -> Response:
        """Open it with a page of somebody who has its cookies already, and see that it is the page that is meant."""
        path = self.path.format_map(seeds.places)
        base, mark, anchor = path.partition("#")
        asked = f"{base}{'&' if '?' in base else '?'}lang={language}{mark}{anchor}"
        answer = page.goto(asked)
        if self.act:
            with page.expect_navigation() as navigated:
                self.act(page)
            answer = navigated.value
        assert answer is not None
        assert answer.status == self.status, f"{asked}: {answer.status}"
        return answer


def _press(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).first.click()


def _type_wrong_code(page: Page) -> None:
    page.locator("#code").fill("12345")  # no code at all: it uses up no try
    page.locator(".request .primary").click()


def _refuse_sign_in(page: Page) -> None:
    page.locator("#name").fill("hanako")
    page.locator("#password").fill("wrong")
    page.locator(".primary").click()


def open_form(page: Page, action: str) -> Locator:
    """An action's form on the case page, with what it is folded into open."""
    form = page.locator(f'form[action*="/{action}?"]').first
    form.locator("xpath=ancestor::details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    return form


def _fill_in(action: str, text: str = "") -> Callable[[Page], None]:
    """Fill in whatever an action asks for, and press its button."""

    def act(page: Page) -> None:
        form = open_form(page, action)
        written = text or DETAILS[page.locator("html").get_attribute("lang") or ""]
        for area in form.locator("textarea").all():
            area.fill(written)
        for select in form.locator("select").all():
            select.select_option(index=1)
        for group in form.locator("fieldset").all():
            group.locator("input").first.check()
        form.locator("button").click()

    return act


def _lose_session(page: Page) -> None:
    page.context.clear_cookies()
    _fill_in("note")(page)


CONVERSATIONS = (
    Surface("chat", "/", "told"),
    Surface("chat-answered", "/", "answered"),
    Surface("chat-uncovered", "/", "uncovered"),
    Surface("chat-review", "/", "reviewing"),
    Surface("chat-filed", "/", "filed"),
)
CUSTOMERS = (
    Surface("chat-start", "/"),
    Surface("delete", "/conversation/delete", "answered"),
    Surface("delete-nothing", "/conversation/delete"),
    Surface("policy", "/policy#collected.note"),
    Surface("policy-both", "/policy?view=both"),
    Surface("policy-changes", "/policy/{policy}/changes"),
    Surface("transcript", "/conversation/transcript", "answered"),
    Surface("policy-version", "/policy/{policy}#rights.1.2"),
    Surface("form", "/requests/new?kind=correction"),
    Surface("form-refused", "/requests/new", act=_press("form.request .primary"), status=422),
    Surface("receipt", "/requests/filed/{receipt}"),
    Surface("confirm", "/confirm/{confirmation}"),
    Surface("status-unconfirmed", "/status/{unconfirmed_status}"),
    Surface("status-code-wrong", "/status/{unconfirmed_status}", act=_type_wrong_code, status=422),
    Surface("status-asked", "/status/{asked_status}"),
    Surface("status-fee", "/status/{fee_status}"),
    Surface("status-disclosed", "/status/{disclosed_status}"),
    Surface("status-refused", "/status/{refused_status}"),
    Surface("status-unknown", "/status/unknown", status=404),
    Surface("not-found", "/nothing", status=404),
)
DESK = (
    Surface("sign-in", "/desk/sign-in"),
    Surface("sign-in-refused", "/desk/sign-in", act=_refuse_sign_in, status=403),
    Surface("inbox", "/desk?tab=all", OFFICER),
    Surface("inbox-filtered", "/desk?tab=closed&kind=complaint", OFFICER),
    Surface("case-investigated", "/desk/cases/{investigated_case}", OFFICER),
    Surface("case-proposed", "/desk/cases/{proposed_case}", OFFICER),
    Surface("case-asked", "/desk/cases/{asked_case}", OFFICER),
    Surface("case-complaint", "/desk/cases/{complaint_case}", OFFICER),
    Surface("case-refused", "/desk/cases/{refused_case}", OFFICER),
    Surface("case-action-refused", "/desk/cases/{investigated_case}", OFFICER, _fill_in("ask_more", " "), 422),
    Surface("case-preview", "/desk/cases/{investigated_case}", OFFICER, _fill_in("ask_more")),
    Surface("case-session-over", "/desk/cases/{investigated_case}", OFFICER, _lose_session, 403),
    Surface("entry", "/desk/cases/new", OFFICER),
    Surface("entry-refused", "/desk/cases/new", OFFICER, _press("form.request .primary"), 422),
    Surface("tasks", "/desk/tasks", OFFICER),
    Surface("mail", "/desk/mails/{mail}", OFFICER),
    Surface("questions", "/desk/questions", OFFICER),
    Surface("question", "/desk/questions", OFFICER, _press("main a[href*='/desk/questions/']")),
    Surface("measures", "/desk/measures", OFFICER),
    Surface("alerts", "/desk/alerts", OFFICER),
    Surface("audit", "/desk/audit", OFFICER),
    Surface("audit-verified", "/desk/audit", ADMINISTRATOR, _press("form[action*=verify] button")),
    Surface("role", "/desk/role", STAFF),
    Surface("staff", "/staff", STAFF),
    Surface("staff-answer", "/staff?q=DHL", STAFF),
    Surface("staff-clause", "/staff?clause=rights.1&register=mail", STAFF),
    Surface("not-permitted", "/desk", STAFF, status=403),
    Surface("case-unknown", "/desk/cases/M-0000-0000", OFFICER, status=404),
)
SURFACES = (*CONVERSATIONS, *CUSTOMERS, *DESK)
