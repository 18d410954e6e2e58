"""Two of each on PostgreSQL and Redis, one of each killed in mid-conversation: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from actions.cases.audit import Verdict
from actions.cases.records import Case
from actions.cases.tables import TurnRow
from actions.web.engine import rank_workers
from tests.journeys.cluster import Crowd, Visitor, make_cluster
from tests.journeys.desk import Reply, Talk

pytestmark = [pytest.mark.journey, pytest.mark.services, pytest.mark.soak]
SEED = int(os.environ.get("MADOGUCHI_TEST_SEED", "20261128"))
VISITORS = 4


@dataclass
class Aftermath:
    """What is there when everybody has come to an end."""

    crowd: Crowd
    without_worker: list[Reply] = field(default_factory=list)  # replies to those whose own worker was away
    without_app: list[Reply] = field(default_factory=list)  # replies while one app was away
    ready: list[dict[str, object]] = field(default_factory=list)  # /readyz with one worker away
    cases: dict[str, Case] = field(default_factory=dict)
    turns: dict[str, list[str]] = field(default_factory=dict)  # message ids by conversation, in order
    verdict: Verdict | None = None


@pytest.fixture(scope="module")
def aftermath(prepared: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Four people file requests while a dialogue worker and an app are killed, each until it is back."""
    with make_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        found = Aftermath(Crowd(cluster))
        try:
            cluster.start()
            work(found)
            look(found)
        finally:
            cluster.stop()
        yield found


def work(found: Aftermath) -> None:
    crowd, cluster, chance = found.crowd, found.crowd.cluster, random.Random(SEED)
    visitors = [Visitor(crowd, SEED + number) for number in range(VISITORS)]
    for visitor in visitors:
        visitor.start()
    try:
        crowd.await_receipts(4)
        crowd.strike(cluster.first.dialogue, chance)
        ask_without(found, cluster.first.settings.dialogue_url)
        crowd.await_receipts(4)
        cluster.first.dialogue.start()
        crowd.strike(cluster.second.app, chance)
        crowd.await_back(cluster.first.dialogue)
        with cluster.first.open_http() as http:
            found.without_app = [Talk(http, "ja").say("こんにちは") for _ in range(8)]
        crowd.await_receipts(4)
        cluster.second.app.start()
        crowd.await_back(cluster.second.app)
        crowd.strike(cluster.second.dialogue, chance)
        crowd.strike(cluster.first.app, chance)
        crowd.await_receipts(2)
        cluster.first.app.start()
        cluster.second.dialogue.start()
        crowd.await_back(cluster.first.app, cluster.second.dialogue)
        crowd.await_receipts(2)
    finally:
        crowd.is_over.set()
        for visitor in visitors:
            visitor.join(180)
    assert crowd.failures == []
    assert not any(visitor.is_alive() for visitor in visitors)


def ask_without(found: Aftermath, away: str) -> None:
    """Talk to the desk until some conversations were those of the worker that is away."""
    with found.crowd.cluster.second.open_http() as http:
        found.ready = [http.get("/readyz").json()]
        while len(found.without_worker) < 3:
            talk = Talk(http, "ja")
            reply = talk.say("こんにちは")
            if rank_workers(found.crowd.cluster.workers, talk.conversation_id)[0] == away:
                found.without_worker.append(reply)


def look(found: Aftermath) -> None:
    with found.crowd.cluster.open_services() as services:
        found.cases = {case.receipt: case for case in services.cases.list_all()}
        found.verdict = services.audit.verify()
        turns = defaultdict(list)
        with services.database.reading() as session:
            for conversation, message in session.execute(
                sa.select(TurnRow.conversation_id, TurnRow.message_id).order_by(TurnRow.id)
            ):
                turns[conversation].append(message)
        found.turns = turns
    crowd = found.crowd
    degraded = sum(reply["degraded"] for one in crowd.sent for reply in one.replies)
    sys.stdout.write(
        f"\n{len(crowd.receipts)} requests filed, {len(crowd.sent)} messages, {degraded} answered in reduced mode, "
        f"{crowd.interrupted} attempts broke off, seed {SEED}\n"
    )


def test_the_kills_hit_work(aftermath: Aftermath) -> None:
    assert aftermath.crowd.interrupted > 0
    assert len(aftermath.crowd.receipts) >= 16


def test_nothing_is_lost(aftermath: Aftermath) -> None:
    people = aftermath.crowd.people
    for email, receipts in aftermath.crowd.receipts.items():
        (receipt,) = receipts
        assert aftermath.cases[receipt].fields == people[email]
    assert set(aftermath.crowd.receipts) == set(people)  # each came to an end


def test_nobody_has_two_cases(aftermath: Aftermath) -> None:
    owners = Counter(case.fields["email"] for case in aftermath.cases.values())
    assert {email for email, count in owners.items() if count > 1} == set()
    assert len(aftermath.cases) == len(aftermath.crowd.receipts)


def test_no_message_is_answered_twice(aftermath: Aftermath) -> None:
    assert sum(len(one.replies) > 1 for one in aftermath.crowd.sent) > 10  # so many were sent again after an answer
    for one in aftermath.crowd.sent:
        assert all(reply == one.replies[0] for reply in one.replies)
    kept = Counter(message for messages in aftermath.turns.values() for message in messages)
    assert all(kept[one.message_id] >= 1 for one in aftermath.crowd.sent)
    # More than one only where the reply that told of a new conversation was lost, and so another one was begun.
    begun = {messages[0] for messages in aftermath.turns.values()}
    assert {message for message, count in kept.items() if count > 1} <= begun


def test_each_conversation_is_in_the_order_in_which_it_was_said(aftermath: Aftermath) -> None:
    said = defaultdict(list)
    for one in aftermath.crowd.sent:
        said[one.conversation_id].append(one.message_id)
    assert {conversation: aftermath.turns[conversation] for conversation in said} == said


def test_the_chain_is_whole(aftermath: Aftermath) -> None:
    assert aftermath.verdict is not None
    assert aftermath.verdict.problems == ()


def test_the_other_worker_takes_over_and_its_absence_is_named(aftermath: Aftermath) -> None:
    assert [reply["degraded"] for reply in aftermath.without_worker] == [False] * 3
    (ready,) = aftermath.ready
    assert (ready["status"], ready["dialogue"], ready["degraded"]) == ("ready", True, ["dialogue_workers"])


def test_the_other_apps_webhook_takes_over(aftermath: Aftermath) -> None:
    assert [reply["degraded"] for reply in aftermath.without_app] == [False] * 8
