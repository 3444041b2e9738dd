"""The list of documents on the screen: pages of a tag, and the counts on its tabs, of a million beside ten thousand."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import psycopg

from backoffice.adapters.embedded import Servers
from bench.list_documents import FEW, MANY, fill, make_side
from bench.serving import plain, with_servers

TITLE = "Tags and tabs among a million"
TARGET = "Wanted: at most 1.5 times the time of ten thousand, and no tab that counts further than 999."
LEFT = (
    "the tabs count up to a thousand rows each, which ten thousand documents have as well; "
    "the rare tag is on one document there and on a hundred here, so that a whole page is read."
)
ROUNDS, WARM_UP = 60, 5
TAG = """
insert into document_tags (id, created_at, partner_id, livemode, document_id, tag)
select gen_random_uuid(), now(), partner_id, true, id,
    case when right(external_id, 4) = '4711' then 'rare' else 'common' end
from documents where partner_id = %(partner)s and right(external_id, 1) in ('1', '2', '3')
"""
Work = Callable[[Any, Any], Awaitable[object]]


def tag(servers: Servers, owner: dict[str, object]) -> None:
    """Tag three documents of ten, nearly all of them alike."""
    with psycopg.connect(plain(servers.database_owner_url), autocommit=True) as connection:
        connection.execute("select set_config('app.everyone', 'on', false)")
        connection.execute(TAG, owner)
        connection.execute("vacuum analyze document_tags")


def kinds(middle: str) -> dict[str, Work]:
    """Name what is measured, each in a transaction of its own."""
    from backoffice.models.documents import DocumentStatus
    from backoffice.services import document_picks, document_tags, documents
    from backoffice.services.documents import Filter

    def page(**by: Any) -> Work:  # noqa: ANN401 fields of a filter
        return lambda session, actor: documents.page(session, actor, Filter(livemode=True, limit=50, **by))

    statuses = ("submitted", "in_review", "approved", "rejected", "resubmission_requested")
    lists = {"all": Filter(livemode=True), "tag": Filter(livemode=True, tag="common")}
    lists |= {one: Filter(livemode=True, statuses=(DocumentStatus(one),)) for one in statuses}
    return {
        "first page": page(),
        "common tag": page(tag="common"),
        "common tag, deep": page(tag="common", cursor=middle),
        "rare tag": page(tag="rare"),
        "no such tag": page(tag="nothing"),
        "tag and status": page(tag="common", statuses=(DocumentStatus.REJECTED,)),
        "tags in use": lambda session, actor: document_tags.in_use(session, actor, livemode=True),
        "seven tabs": lambda session, actor: document_picks.counts(session, actor, lists),
    }


async def measure(sides: list[tuple[UUID, str]]) -> dict[str, list[list[float]]]:
    """Ask both sides in turn, so that a busy moment of the machine hits both; answers milliseconds."""
    from backoffice import db
    from backoffice.services.access import Actor

    found: dict[str, list[list[float]]] = {}
    for turn in range(WARM_UP + ROUNDS):
        for side, (partner_id, middle) in enumerate(sides):
            actor = Actor.system(partner_id)
            for name, work in kinds(middle).items():
                began = time.perf_counter()
                async with db.transaction(actor.tenancy) as session:
                    await work(session, actor)
                if turn >= WARM_UP:
                    found.setdefault(name, [[], []])[side].append((time.perf_counter() - began) * 1000)
    await db.close()
    return found


def report(servers: Servers, _folder: Path) -> int:
    from backoffice import db

    async def prepare() -> list[tuple[dict[str, object], str]]:
        made = [await make_side("few"), await make_side("many")]
        await db.close()
        return made

    sides: list[tuple[UUID, str]] = []
    for (owner, _), count in zip(asyncio.run(prepare()), (FEW, MANY), strict=True):
        middle = fill(servers.database_owner_url, owner, count)
        tag(servers, owner)
        sides.append((UUID(str(owner["partner"])), middle))
    print(f"Pages of 50 and counts, {MANY:,} documents beside {FEW:,}, {ROUNDS} rounds, in the service; medians")
    for name, (one, two) in asyncio.run(measure(sides)).items():
        p95 = quantiles(two, n=20)[18]
        ratio = median(two) / median(one)
        print(f"{name:<18}{median(one):6.2f} ms → {median(two):6.2f} ms   p95 {p95:6.2f} ms   ratio {ratio:5.2f}")
    return 0


def main() -> int:
    return with_servers(report)
