"""The sentences of the intake and of small talk, filled with what the shop and the policy say."""

from __future__ import annotations

from collections.abc import Mapping

from actions.cases.documents import describe_documents
from actions.cases.grounds import list_grounds
from actions.cases.kinds import list_kinds
from actions.cases.records import FIELDS, Draft
from actions.dialogue.answers import describe_counter
from actions.dialogue.messages import Button, Message
from actions.dialogue.steps import CONFIRMATION
from actions.services import Services
from actions.texts import say
from knowledge.citation import cite

FORM_PATH = "/requests/new"


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

    def open(self, *kinds: str, change: str = "", spoken: bool = True) -> Message:
        """What governs each kind, the policy's own way, refusal, fee, identity; when `spoken`, also how to stop.

        `change` is "switched" or "added" when the kinds come into a running request.
        """
        lines = [] if change or len(kinds) == 1 else [self._join(kinds)]
        for kind in kinds:
            lines += self._introduce(kind, change or "opening")
        level = max(list_kinds()[kind].level for kind in kinds)
        lines += [*self._tell_fees(kinds), self.say(f"intake.identity_{level}")]
        if spoken:
            lines.append(self.say("intake.how_to_stop"))
        policy = self._services.bundle.policy
        clauses = dict.fromkeys(clause for kind in kinds for clause in list_kinds()[kind].clauses)
        return Message("\n".join(lines), citations=tuple(cite(policy, one, self.language).as_dict() for one in clauses))

    def _join(self, kinds: tuple[str, ...]) -> str:
        names = "、".join(self.say(f"kinds.{kind}") for kind in kinds)
        return self.say(
            "intake.joint", count=len(kinds), kinds=names if self.language == "ja" else names.replace("、", "; ")
        )

    def _introduce(self, kind: str, opening: str) -> list[str]:
        known, policy = list_kinds()[kind], self._services.bundle.policy
        own_way = self.say(f"intake.own_way_{known.own_way}")
        page = self._services.settings.contact_page_url
        if known.own_way == "contact_page" and page:
            own_way = f"{own_way}({page})"
        lead = policy.leads[known.clauses[0]][self.language]
        lines = [
            self.say(f"intake.{opening}", kind=self.say(f"kinds.{kind}"), lead=lead),
            self.say("intake.own_way", own_way=own_way),
            self.say(f"intake.conditions_{kind}"),
        ]
        grounds = [one.text[self.language] for one in list_grounds(kind) if one.in_policy]
        if grounds:
            lines += [self.say("intake.grounds"), *(self.say("intake.ground", ground=one) for one in grounds)]
        return lines

    def _tell_fees(self, kinds: tuple[str, ...]) -> list[str]:
        """The published fee, or that there is none; of a complaint it goes without saying."""
        fees = self._services.settings.fees
        if any(kind in fees for kind in kinds):
            return [self.say("intake.fee", yen=sum(fees.get(kind, 0) for kind in kinds))]
        return [] if kinds == ("complaint",) else [self.say("intake.fee_none")]

    def introduce_agent(self, draft: Draft) -> Message:
        """That somebody acts for another, and what will be asked for; nothing is asked back."""
        level = max(list_kinds()[kind].level for kind in draft.kinds)
        documents = describe_documents(self.language, level, draft.agent)
        text = "\n".join([self.say(f"intake.agent_{draft.agent}"), documents])
        return Message(text, buttons=(self._myself(),))

    def ask(self, draft: Draft, *, again: bool = False, lead: str = "") -> Message:
        """The question for the field asked for; the second time with help, the third with reason and way out."""
        asked = draft.asked
        key = f"intake.{'again' if again else 'ask'}_{asked}"
        if asked == "details" and not again and draft.kind == "complaint":
            key = "intake.ask_details_complaint"
        lines = [lead] if lead else []
        lines.append(self.say(key))
        buttons = [self._cancel()]
        if again and draft.misses >= 2:
            lines += [self.say(f"intake.why_{asked}"), self.say("intake.way_out")]
            path = f"{FORM_PATH}?kind={draft.kind}&lang={self.language}"
            buttons.insert(0, Button(self.say("buttons.form"), path))
        if asked == "phone":
            buttons.insert(0, Button(self.say("buttons.skip"), self.say("intake.none")))
        if asked == CONFIRMATION:
            buttons.insert(0, Button(self.say("buttons.affirm"), "/affirm"))
        return Message("\n".join(lines), buttons=tuple(buttons))

    def explain(self, draft: Draft) -> Message:
        """Why the field is needed, then the question again."""
        return self.ask(draft, lead=self.say(f"intake.why_{draft.asked}"))

    def about(self, topic: str, draft: Draft) -> Message | None:
        """What a question about this desk is answered with; None for a topic of which it has nothing to say."""
        settings = self._services.settings
        if topic == "topic_cost":
            return Message("\n".join(self._tell_fees(draft.kinds) or [self.say("intake.fee_none")]))
        if topic == "topic_identity":
            level = max(list_kinds()[kind].level for kind in draft.kinds)
            return Message(self.say(f"intake.identity_{level}"))
        if topic not in {"topic_readers", "topic_keeping", "topic_time", "topic_writing", "topic_safety"}:
            return None
        spans = {"draft_hours": settings.draft_hours, "thread_days": settings.thread_days}
        spans |= {"target_days": settings.target_days}
        return Message(self.say(f"intake.about_{topic.removeprefix('topic_')}", **spans))

    def wait(self, draft: Draft) -> Message:
        """That there is time, then the question again."""
        return self.ask(draft, lead=self.say("intake.wait", hours=self._services.settings.draft_hours))

    def which(self, draft: Draft) -> Message:
        """Which field to correct."""
        return Message(self.say("intake.which_field"), buttons=(*self._changes(draft), self._cancel()))

    def which_kind(self) -> Message:
        """Which kind it shall be instead."""
        buttons = [Button(self.say(f"kinds.{kind}"), f"/request:{kind}") for kind in list_kinds()]
        return Message(self.say("intake.ask_kinds"), buttons=(*buttons, self._cancel()))

    def offer(self, kinds: tuple[str, ...]) -> Message:
        """Which of several requests that were offered is meant."""
        buttons = [
            Button(self.say("buttons.request", kind=self.say(f"kinds.{one}")), f"/request:{one}") for one in kinds
        ]
        return Message(self.say("intake.which_offer"), buttons=tuple(buttons))

    def review(self, draft: Draft) -> Message:
        """The review; the gateway draws it from the draft, so that its words never pass through the dialogue engine."""
        send = Button(self.say("buttons.affirm"), "/affirm")
        return Message("", buttons=(send, *self._changes(draft), self._cancel()), view="review")

    def draw_review(self, draft: Draft) -> str:
        """The text of the review."""
        given: Mapping[str, str] = draft.fields
        rows = [f"{self.say(f'fields.{name}')}: {given[name] or self.say('intake.not_given')}" for name in FIELDS]
        kinds = "、".join(self.say(f"kinds.{kind}") for kind in draft.kinds)
        who = [self.say(f"intake.review_agent_{draft.agent}")] if draft.agent else []
        if draft.agent and draft.represented:
            who.append(self.say("intake.review_represented", name=draft.represented))
        heading = [self.say("intake.review"), self.say("intake.review_kinds", kinds=kinds)]
        return "\n".join([*heading, *who, *rows, self.say("intake.ask_confirmation")])

    def closing(self, key: str, *, view: str = "", **values: object) -> Message:
        """A last sentence of the intake. With the view "filed" the gateway adds the link to the status page."""
        return Message(self.say(f"intake.{key}", **values), view=view)

    def human(self) -> Message:
        """How to reach a person, and whether somebody is there now."""
        return Message(self.say("replies.human", now=describe_counter(self._services, self.language)))

    def offers(self) -> tuple[Button, ...]:
        """The opening buttons."""
        names = ("ask_collected", "ask_purpose", "ask_third_party", "rights", "complain")
        return tuple(Button(self.say(f"buttons.{name}"), self.say(f"questions.{name}")) for name in names)

    def forget(self) -> Message:
        """How this conversation is deleted; the web deletes it, whatever the engine does."""
        button = Button(self.say("buttons.forget"), "/delete-conversation")
        return Message(self.say("replies.forget"), buttons=(button,))

    def _changes(self, draft: Draft) -> tuple[Button, ...]:
        fields = [Button(self._name_change(name), f"/change:{name}") for name in FIELDS]
        who = [self._myself()] if draft.agent else []
        return (*fields, Button(self.say("buttons.kinds"), "/change:kinds"), *who)

    def _name_change(self, name: str) -> str:
        return self.say("buttons.change", field=self.say(f"fields.{name}"))

    def _myself(self) -> Button:
        return Button(self.say("buttons.myself"), "/change:agent")

    def _cancel(self) -> Button:
        return Button(self.say("buttons.cancel"), "/cancel")
