"""Turning the key-encryption key: every data key unwrapped and wrapped again, against only copying the bytes."""

import asyncio
import sys
import time
from pathlib import Path

from backoffice.adapters.embedded import Servers
from bench.serving import plain, with_servers

KEYS = 50_000
LEAST = 5_000

TITLE = "Turning the key-encryption key"
TARGET = "Wanted: at least 5,000 data keys a second, while everything runs."
LEFT = "one read, two AES-GCM and one compare-and-set a key, a thousand a transaction."
FILL = """
insert into keystore.data_keys (applicant_id, partner_id, wrapped, wrapped_by, region)
select *, 'default' from unnest(%s::uuid[], %s::uuid[], %s::bytea[], %s::text[])"""


async def fill(url: str, number: int) -> None:
    """Have as many applicants with a wrapped key, made by the product's own code."""
    import psycopg

    from backoffice.models.base import new_id
    from backoffice.services import vault

    partner = new_id()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as database:
        await database.execute("select set_config('app.everyone', 'on', false)")
        await database.execute(
            "insert into partners (id, created_at, name, slug, plan, status)"
            " values (%s, now(), 'Bench', %s, 'standard', 'active')",
            (partner, f"bench-{partner.hex[:12]}"),
        )
        rows = [(await vault.wrapped_key(partner, new_id()))[1] for _ in range(number)]
        ids = [row.applicant_id for row in rows]
        values = ([row.wrapped for row in rows], [row.wrapped_by for row in rows])
        await database.execute(FILL, (ids, [partner] * number, *values))


async def turned() -> tuple[int, float]:
    from backoffice.db import transaction
    from backoffice.jobs import data_keys
    from backoffice.services import key_rotations

    async with transaction(data_keys.ACTOR.tenancy) as session:
        await key_rotations.rotate(session, data_keys.ACTOR)
    began = time.monotonic()
    return await data_keys.walk(), time.monotonic() - began


async def copied(url: str, number: int) -> float:
    """Write the same rows again with nothing done to them."""
    import psycopg

    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as database:
        await database.execute("select set_config('app.everyone', 'on', false)")
        began = time.monotonic()
        cursor = await database.execute(
            "update keystore.data_keys set wrapped = wrapped || ''::bytea, wrapped_by = wrapped_by"
        )
        took = time.monotonic() - began
    if cursor.rowcount < number:
        raise SystemExit(f"{cursor.rowcount} rows were written instead of {number}")
    return took


def report(servers: Servers, _folder: Path) -> int:
    number = next((int(word) for word in sys.argv[1:] if word.isdecimal()), KEYS)
    url = plain(servers.database_owner_url)
    asyncio.run(fill(url, number))
    done, took = asyncio.run(turned())
    bare = asyncio.run(copied(url, number))
    if done < number:
        raise SystemExit(f"{done} keys were turned instead of {number}")
    print(f"{done:,} data keys; a key file")
    print(f"written again, nothing else  {number / bare:10,.0f} keys a second")
    print(f"turned                       {done / took:10,.0f} keys a second")
    print(f"ratio   {bare / took:7.2f}")
    return 0 if done / took >= LEAST else 1


def main() -> int:
    return with_servers(report)


if __name__ == "__main__":
    raise SystemExit(main())
