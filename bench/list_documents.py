"""`GET /documents`: first, deep and filtered pages of a partner of a million beside one of ten thousand."""

import asyncio
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles

import httpx2
import psycopg

from backoffice.adapters.embedded import Servers
from bench.serving import Served, plain, whole_product, with_servers

TITLE = "`GET /documents` among a million"
TARGET = "Wanted: at most 1.5 times the time of ten thousand."
LEFT = "writing 25 documents as JSON, which does not depend on how many there are."

FEW, MANY = 10_000, 1_000_000
REQUESTS = 60
"""Of each kind, a side and in turns."""
WARM_UP = 10
BATCH = 100_000
SECONDS = 300
FILL = """
with made as (
    select g, uuidv7(interval '1 millisecond' * (g - %(last)s::int)) as id
    from generate_series(%(first)s::int, %(last)s::int) g)
insert into documents (id, created_at, partner_id, livemode, applicant_id, verification_id, external_id, type,
                       issuing_country, status, version, attempt, max_attempts, request_id, submitted_at, due_at)
select id, now(), %(partner)s, true, %(applicant)s, %(verification)s, 'user-' || g,
       (array['passport', 'national_id', 'driving_licence'])[1 + g %% 3], 'FRA',
       (array['approved', 'approved', 'approved', 'rejected', 'in_review'])[1 + g %% 5], 3, 1, 3, '', now(), now()
from made
"""


@dataclass(frozen=True)
class Side:
    """One partner, with its key and a cursor in the middle of its list."""

    key: str
    deep: str


async def make_side(slug: str) -> tuple[dict[str, object], str]:
    """Make a partner with one applicant and verification that all of its documents hang on."""
    from backoffice import db
    from backoffice.models.applicants import Applicant
    from backoffice.models.partners import Plan
    from backoffice.models.verifications import Verification
    from backoffice.services import api_keys, partners
    from backoffice.services.access import Actor
    from backoffice.services.permissions import SCOPES

    actor = Actor.system()
    async with db.transaction(actor.tenancy) as session:
        partner = await partners.create(session, actor, name=slug, slug=slug, plan=Plan.ENTERPRISE)
        _, token = await api_keys.create(
            session, actor, name="Bench", livemode=True, scopes=SCOPES, partner_id=partner.id
        )
        applicant = Applicant(partner_id=partner.id, livemode=True)
        session.add(applicant)
        await session.flush()
        verification = Verification(partner_id=partner.id, livemode=True, applicant_id=applicant.id)
        session.add(verification)
    return {"partner": partner.id, "applicant": applicant.id, "verification": verification.id}, token


def fill(owner_url: str, owner: dict[str, object], count: int) -> str:
    """Write documents below the guards, which would ask for an event each; answer a cursor half-way down."""
    from uuid import UUID

    from backoffice.models.base import Prefix, public_id

    with psycopg.connect(plain(owner_url), autocommit=True) as connection:
        connection.execute("select set_config('app.everyone', 'on', false)")
        connection.execute("alter table documents disable trigger user")
        for first in range(1, count + 1, BATCH):
            connection.execute(FILL, {**owner, "first": first, "last": min(first + BATCH - 1, count)})
        connection.execute("alter table documents enable trigger user")
        connection.execute("analyze documents")
        row = connection.execute(
            "select id from documents where partner_id = %s order by id desc offset %s limit 1",
            (owner["partner"], count // 2),
        ).fetchone()
    return public_id(Prefix.DOCUMENT, UUID(str(row[0])))


async def _time(browser: httpx2.AsyncClient, served: Served, side: Side, query: str) -> float:
    address = f"{served.url}/api/v1/documents?{query.format(deep=side.deep)}"
    began = time.perf_counter()
    answer = await browser.get(address, headers={"Authorization": f"Bearer {side.key}"})
    if answer.status_code != HTTPStatus.OK:
        raise SystemExit(f"{address} answered {answer.status_code}: {answer.text[:300]}")
    return time.perf_counter() - began


KINDS = {
    "first page": "limit=25",
    "deep page": "limit=25&cursor={deep}",
    "by status": "limit=25&status=rejected",
    "by type": "limit=25&type=driving_licence",
    "no such type": "limit=25&type=tax_id",
    "by external id": "limit=25&external_id=user-4711",
    "search": "limit=25&q=user-471",
    "search in vain": "limit=25&q=nobody",
    "rejected in 2020": "limit=25&status=rejected&created_before=2021-01-01T00:00:00Z",
}


async def measure(folder: Path, few: Side, many: Side) -> dict[str, tuple[list[float], list[float]]]:
    """Ask both sides in turn, so that a busy moment of the machine hits both."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    async with whole_product(folder / "product.log") as served, httpx2.AsyncClient(timeout=30) as browser:
        async with asyncio.timeout(SECONDS):
            for name, query in KINDS.items():
                for _ in range(WARM_UP):
                    await _time(browser, served, few, query)
                    await _time(browser, served, many, query)
                pairs = [
                    (await _time(browser, served, few, query), await _time(browser, served, many, query))
                    for _ in range(REQUESTS)
                ]
                found[name] = [one for one, _ in pairs], [two for _, two in pairs]
    return found


def report(servers: Servers, folder: Path) -> int:
    from backoffice import db

    async def prepare() -> list[tuple[dict[str, object], str]]:
        made = [await make_side("few"), await make_side("many")]
        await db.close()
        return made

    (few, few_key), (many, many_key) = asyncio.run(prepare())
    few_side = Side(few_key, fill(servers.database_owner_url, few, FEW))
    many_side = Side(many_key, fill(servers.database_owner_url, many, MANY))
    print(f"GET /documents: {MANY:,} documents beside {FEW:,}, {REQUESTS} requests of each kind in turns")
    for name, (one, two) in asyncio.run(measure(folder, few_side, many_side)).items():
        p95 = quantiles(two, n=20)[18]
        print(
            f"{name:<16}{median(one) * 1000:7.1f} ms → {median(two) * 1000:7.1f} ms   p95 {p95 * 1000:7.1f} ms   "
            f"ratio {median(two) / median(one):5.2f}"
        )
    return 0


def main() -> int:
    return with_servers(report)
