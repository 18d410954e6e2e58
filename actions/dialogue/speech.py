"""The sentences of the intake and of small talk, filled with what the shop and the policy say."""

from __future__ import annotations

from collections.abc import Mapping

from actions.cases.kinds import list_kinds
from actions.cases.records import FIELDS, Draft
from actions.dialogue.answers import describe_counter
from actions.dialogue.messages import Button, Message
from actions.services import Services
from actions.texts import say
from knowledge.citation import cite


class Speech:
    """Words in one language for one desk."""

    def __init__(self, services: Services, language: str) -> None:
        self._services = services
        self.language = language

    def say(self, key: str, **values: object) -> str:
        """A sentence, with the shop's name and the officer's contact at hand."""
        shop = self._services.bundle.policy.shop
        contact = {
            "shop": shop.name,
            "officer": shop.officer[self.language],
            "phone": shop.phone,
            "email": shop.email,
            "hours": shop.hours[self.language],
        }
        return say(self.language, key, **{**contact, **values})

    def open(self, kind: str, *, switched: bool = False, spoken: bool = True) -> Message:
        """What governs the request, the policy's own way and its conditions; when `spoken`, also how to stop."""
        known, policy = list_kinds()[kind], self._services.bundle.policy
        own_way = self.say(f"intake.own_way_{known.own_way}")
        page = self._services.settings.contact_page_url
        if known.own_way == "contact_page" and page:
            own_way = f"{own_way}({page})"
        opening = "intake.switched" if switched else "intake.opening"
        lead = policy.leads[known.clauses[0]][self.language]
        lines = [
            self.say(opening, kind=self.say(f"kinds.{kind}"), lead=lead),
            self.say("intake.own_way", own_way=own_way),
            self.say(f"intake.conditions_{kind}"),
        ]
        if spoken:
            lines.append(self.say("intake.how_to_stop"))
        citations = tuple(cite(policy, clause, self.language).as_dict() for clause in known.clauses)
        return Message("\n".join(lines), citations=citations)

    def ask(self, draft: Draft, *, again: bool = False, lead: str = "") -> Message:
        """The question for the field that is asked for; the second time with help, the third with its reason."""
        asked = draft.asked
        key = f"intake.{'again' if again else 'ask'}_{asked}"
        if asked == "details" and not again and draft.kind == "complaint":
            key = "intake.ask_details_complaint"
        lines = [lead] if lead else []
        lines.append(self.say(key))
        if again and draft.misses >= 2:
            lines.append(self.say(f"intake.why_{asked}"))
        buttons = [self._cancel()]
        if asked == "phone":
            buttons.insert(0, Button(self.say("buttons.skip"), self.say("intake.none")))
        if asked == "confirmation":
            buttons.insert(0, Button(self.say("buttons.affirm"), "/affirm"))
        return Message("\n".join(lines), buttons=tuple(buttons))

    def explain(self, draft: Draft) -> Message:
        """Why the field is needed, then the question again."""
        return self.ask(draft, lead=self.say(f"intake.why_{draft.asked}"))

    def which(self) -> Message:
        """Which field to correct."""
        return Message(self.say("intake.which_field"), buttons=(*self._changes(), self._cancel()))

    def review(self) -> Message:
        """The review; the gateway draws it from the draft, so that its words never pass through the dialogue engine."""
        send = Button(self.say("buttons.affirm"), "/affirm")
        return Message("", buttons=(send, *self._changes(), self._cancel()), view="review")

    def draw_review(self, draft: Draft) -> str:
        """The text of the review."""
        given: Mapping[str, str] = draft.fields
        rows = [f"{self.say(f'fields.{name}')}: {given[name] or self.say('intake.not_given')}" for name in FIELDS]
        kinds = "、".join(self.say(f"kinds.{kind}") for kind in draft.kinds)
        return "\n".join([self.say("intake.review"), kinds, *rows, self.say("intake.ask_confirmation")])

    def closing(self, key: str, **values: object) -> Message:
        """A last sentence of the intake."""
        return Message(self.say(f"intake.{key}", **values))

    def human(self) -> Message:
        """How to reach a person, and whether somebody is there now."""
        return Message(self.say("replies.human", now=describe_counter(self._services, self.language)))

    def offers(self) -> tuple[Button, ...]:
        """The opening buttons."""
        names = ("ask_collected", "ask_purpose", "ask_third_party", "rights", "complain")
        return tuple(Button(self.say(f"buttons.{name}"), self.say(f"questions.{name}")) for name in names)

    def _changes(self) -> tuple[Button, ...]:
        return tuple(
            Button(self.say("buttons.change", field=self.say(f"fields.{name}")), f"/change:{name}") for name in FIELDS
        )

    def _cancel(self) -> Button:
        return Button(self.say("buttons.cancel"), "/cancel")
