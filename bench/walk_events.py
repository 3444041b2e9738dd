"""`GET /events`: whether a page deep in a million events costs what the first one costs."""

import asyncio
import sys
import time
from pathlib import Path
from statistics import median
from uuid import UUID

import psycopg

from backoffice.adapters.embedded import Servers
from bench.serving import plain, with_servers

EVENTS = 1_000_000
STEP = 100_000
ROUNDS = 60
FILL = """
insert into events (id, created_at, partner_id, livemode, subject_type, subject_id, request_id, type, sequence, data,
                    position)
select uuidv7(), now(), %(partner)s, true, 'document', md5((number / 4)::text)::uuid, '',
       case when number %% 100000 = 50000 then 'api_key.created'
            else (array['document.created', 'document.submitted', 'document.in_review', 'document.approved'])
                 [number %% 4 + 1] end,
       number %% 4 + 1, %(data)s::jsonb, number / 4 - %(events)s
from generate_series(%(first)s, %(last)s) number"""

TITLE = "`GET /events` among a million"
TARGET = "Wanted: the last page as fast as the first."
LEFT = "reading and writing the page itself."


def fill(servers: Servers, events: int) -> UUID:
    """Write so many events of one partner, four to a subject, one in a hundred thousand of a rare type."""
    from backoffice.models.base import new_id
    from backoffice.services.event_shapes import DOCUMENT

    partner = new_id()
    data = psycopg.types.json.Jsonb({"object": dict(DOCUMENT.example)})
    with psycopg.connect(plain(servers.database_url), autocommit=True) as connection:
        connection.execute("select set_config('app.everyone', 'on', false)")
        connection.execute(
            "insert into partners (id, created_at, name, slug, plan, status) "
            "values (%s, now(), 'Bench', 'bench', 'enterprise', 'active')",
            (partner,),
        )
        for first in range(0, events, STEP):
            last = min(first + STEP, events) - 1
            values = {"partner": partner, "data": data, "events": events, "first": first, "last": last}
            connection.execute(FILL, values)
    with psycopg.connect(plain(servers.database_owner_url), autocommit=True) as owner:
        owner.execute("vacuum analyze events")
    return partner


async def measure(partner: UUID, events: int) -> dict[str, float]:
    """Read pages from the beginning, the middle and the end in turns; answers medians in milliseconds."""
    from backoffice import db
    from backoffice.models.base import new_id
    from backoffice.services import event_cursors, event_pages
    from backoffice.services.access import Actor, ActorType, Permission
    from backoffice.services.event_cursors import Place

    rights = frozenset({Permission.EVENTS_READ})
    actor = Actor(ActorType.API_KEY, new_id(), "bench", rights, partner, livemode=True)

    def at(position: int) -> str:
        return event_cursors.write(actor, Place(position - events, 1, new_id()))

    places = {"first": None, "middle": at(events // 8), "last": at(events // 4 - 50)}
    asked = {f"{name} page": (after, []) for name, after in places.items()}
    asked |= {f"{name} page of a rare type": (after, ["api_key.created"]) for name, after in places.items()}
    times = {name: list[float]() for name in asked}
    for _ in range(ROUNDS):
        for name, (after, types) in asked.items():
            async with db.transaction(actor.tenancy) as session:
                began = time.perf_counter()
                await event_pages.page(session, actor, after=after, types=types)
                times[name].append((time.perf_counter() - began) * 1000)
    await db.close()
    return {name: median(each) for name, each in times.items()}


def report(servers: Servers, _folder: Path) -> int:
    events = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdecimal() else EVENTS
    found = asyncio.run(measure(fill(servers, events), events))
    print(f"GET /events: 25 of {events:,} events of one partner, {ROUNDS} rounds, in the service; medians")
    for name, milliseconds in found.items():
        print(f"{name:<28}{milliseconds:6.2f} ms")
    print(f"ratio   {found['last page'] / found['first page']:7.3f} of the first page's time for the last one")
    return 0


def main() -> int:
    return with_servers(report)


if __name__ == "__main__":
    raise SystemExit(main())
