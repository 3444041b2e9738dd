"""Counts of lists that tabs share: a change is counted when their quiet time is over, each partner by itself."""

import asyncio
import time

import pytest

from backoffice.adapters import live
from backoffice.models.members import Role
from backoffice.services import document_picks
from backoffice.services.documents import Filter
from backoffice.state.live import Hub
from backoffice.state.partner.view_counts import ViewCounts, topic
from tests.services.review_cast import make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")
ALL = {"all": Filter(livemode=True)}
QUIET = 0.3


def counting() -> tuple[Hub, ViewCounts, list[str]]:
    """A hub of a running process, without its subscription: what is heard is said by the test."""
    hub, heard = Hub(), list[str]()
    hub.app = object()  # type: ignore[assignment]
    counts = ViewCounts(hub, quiet_seconds=QUIET)
    hub.on_name(heard.append)
    return hub, counts, heard


async def test_a_change_is_counted_after_the_quiet_time_and_who_got_the_old_count_is_woken():
    acme = await make_cast()
    actor, (hub, counts, heard) = await member(acme, Role.PARTNER_ADMIN), counting()
    await submitted(acme)
    assert await counts.read(actor, ALL) == {"all": 1}
    await submitted(acme)
    assert await counts.read(actor, ALL) == {"all": 1}, "nothing was heard of a change"
    assert heard == []
    hub.heard(f"partner:{acme.partner.id}")
    first = await counts.read(actor, ALL)
    if first == {"all": 1}:
        deadline = time.monotonic() + 10
        while topic(acme.partner.id) not in heard:
            assert time.monotonic() < deadline, "nobody was woken"
            await asyncio.sleep(0.02)
    assert await counts.read(actor, ALL) == {"all": 2}


async def test_tabs_that_ask_at_once_are_counted_once(monkeypatch):
    acme = await make_cast()
    actor, (_, counts, _) = await member(acme, Role.PARTNER_ADMIN), counting()
    await submitted(acme)
    real, asked = document_picks.counts, []

    async def counted(session, actor_, lists):
        asked.append(sorted(lists))
        await asyncio.sleep(0.05)
        return await real(session, actor_, lists)

    monkeypatch.setattr(document_picks, "counts", counted)
    assert await asyncio.gather(*(counts.read(actor, ALL) for _ in range(12))) == [{"all": 1}] * 12
    assert asked == [["all"]]


async def test_partners_and_roles_do_not_share_a_count():
    acme, rival = await make_cast(), await make_cast()
    _, counts, _ = counting()
    await submitted(acme)
    admin, other = await member(acme, Role.PARTNER_ADMIN), await member(rival, Role.PARTNER_ADMIN)
    by = {"named": Filter(livemode=True, q="Okonkwo"), "all": Filter(livemode=True)}
    assert (await counts.read(admin, by))["all"] == 1
    assert (await counts.read(other, by))["all"] == 0
    assert len({key[:2] for key in counts._kept}) == 2


async def test_after_a_lost_connection_everything_is_counted_again():
    acme = await make_cast()
    actor, (hub, counts, _) = await member(acme, Role.PARTNER_ADMIN), counting()
    assert await counts.read(actor, ALL) == {"all": 0}
    await submitted(acme)
    hub.heard(live.RESYNC)
    assert await counts.read(actor, ALL) == {"all": 1}
