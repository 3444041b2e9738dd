"""One of everything that an address can name, for one partner in one mode; made when it is first asked for."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx2
from sqlalchemy import select

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.jobs import erasures as jobs
from backoffice.models.base import Prefix, new_id, parse_public_id, public_id
from backoffice.models.erasure_requests import ErasureRequest
from backoffice.models.invoices import Invoice
from backoffice.models.members import Member, Role
from backoffice.models.questions import Question
from backoffice.models.review_tasks import ReviewTask
from backoffice.models.usage import ApiRequest
from backoffice.models.webhooks import Delivery
from backoffice.services import api_keys, webhook_endpoints
from backoffice.services.access import Actor
from tests.api.world import World, applicant, files

HERE = "tests/api/estate.py"
API_REQUEST = "log"
COLLECTIONS: dict[str, str] = {
    "documents": Prefix.DOCUMENT,
    "files": Prefix.FILE,
    "applicants": Prefix.APPLICANT,
    "verifications": Prefix.VERIFICATION,
    "events": Prefix.EVENT,
    "webhook_endpoints": Prefix.WEBHOOK_ENDPOINT,
    "deliveries": Prefix.DELIVERY,
    "api_keys": Prefix.API_KEY,
    "requests": API_REQUEST,
    "erasure_requests": Prefix.ERASURE_REQUEST,
    "questions": Prefix.QUESTION,
    "invoices": Prefix.INVOICE,
}
"""What stands before an id in an address, and what the id names."""


@dataclass
class Estate:
    client: httpx2.AsyncClient
    world: World
    livemode: bool
    ids: dict[str, str] = field(default_factory=dict)
    _document: dict[str, Any] = field(default_factory=dict)
    _endpoint: Any = None

    async def headers(self) -> dict[str, str]:
        return await self.world.headers("live" if self.livemode else "test", livemode=self.livemode)

    async def id_of(self, prefix: str) -> str:
        if prefix not in self.ids:
            assert prefix in FACTORIES, (
                f"Nothing makes a thing with the id prefix {prefix}_: add one to FACTORIES, {HERE}"
            )
            self.ids[prefix] = await FACTORIES[prefix](self)
        return self.ids[prefix]

    async def address(self, path: str) -> str:
        """Fill in every id of a described path."""
        for whole, collection, _ in named_in(path):
            path = path.replace(whole, f"/{collection}/{await self.id_of(prefix_of(path, collection))}", 1)
        return path

    async def everything(self) -> set[str]:
        """Make one of each."""
        return {await self.id_of(prefix) for prefix in FACTORIES}

    async def end_everything(self) -> None:
        """Make one of each, then end what can end: the person is erased, the endpoint deleted, the key revoked."""
        await self.everything()
        erasure, endpoint, key = (
            parse_public_id(prefix, self.ids[prefix])
            for prefix in (Prefix.ERASURE_REQUEST, Prefix.WEBHOOK_ENDPOINT, Prefix.API_KEY)
        )
        await jobs.erase(str(erasure))
        actor = Actor.system(self.world.partner_id)
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.delete(session, actor, endpoint)
            await api_keys.revoke(session, actor, key)

    async def document(self) -> dict[str, Any]:
        if not self._document:
            sent = {"applicant": applicant()}
            answer = await self.client.post("/api/v1/documents", headers=await self.headers(), files=files(), data=sent)
            assert answer.status_code == 201, answer.text
            self._document = answer.json()
        return self._document

    async def endpoint(self) -> Any:
        if self._endpoint is None:
            actor = Actor.system(self.world.partner_id)
            async with transaction(actor.tenancy) as session:
                self._endpoint, _ = await webhook_endpoints.create(
                    session, actor, url="http://127.0.0.1:9/hook", livemode=self.livemode
                )
        return self._endpoint


def named_in(path: str) -> list[tuple[str, str, str]]:
    """List each id in a path with the word before it."""
    return [(match[0], match[1], match[2]) for match in re.finditer(r"/([^/{}]*)/\{([^}]+)\}", path)]


def prefix_of(path: str, collection: str) -> str:
    assert collection in COLLECTIONS, (
        f"{path}: what is an id after /{collection}/? Say its prefix in COLLECTIONS, {HERE}"
    )
    return COLLECTIONS[collection]


def nobody(path: str) -> str:
    """Fill in ids that name nothing."""
    for whole, collection, _ in named_in(path):
        path = path.replace(whole, f"/{collection}/{public_id(prefix_of(path, collection), new_id())}", 1)
    return path


async def _document(estate: Estate) -> str:
    return (await estate.document())["id"]


async def _file(estate: Estate) -> str:
    return (await estate.document())["files"][0]["id"]


async def _applicant(estate: Estate) -> str:
    return (await estate.document())["applicant_id"]


async def _verification(estate: Estate) -> str:
    return (await estate.document())["verification_id"]


async def _endpoint(estate: Estate) -> str:
    return public_id(Prefix.WEBHOOK_ENDPOINT, (await estate.endpoint()).id)


async def _event(estate: Estate) -> str:
    where = f"/api/v1/documents/{await _document(estate)}/history"
    return (await estate.client.get(where, headers=await estate.headers())).json()["data"][0]["id"]


async def _delivery(estate: Estate) -> str:
    endpoint, actor = await estate.endpoint(), Actor.system(estate.world.partner_id)
    async with transaction(actor.tenancy) as session:
        event = await webhook_endpoints.send_test(session, actor, endpoint.id)
    async with transaction(Tenancy.everyone()) as session:
        statement = select(Delivery.id).where(Delivery.event_id == event.id)
        return public_id(Prefix.DELIVERY, (await session.execute(statement)).scalar_one())


async def _api_key(estate: Estate) -> str:
    await estate.headers()
    return public_id(Prefix.API_KEY, estate.world.key_ids["live" if estate.livemode else "test"])


async def _erasure_request(estate: Estate) -> str:
    applicant_id = parse_public_id(Prefix.APPLICANT, await estate.id_of(Prefix.APPLICANT))
    row = ErasureRequest(
        partner_id=estate.world.partner_id,
        livemode=estate.livemode,
        applicant_id=applicant_id,
        requested_by_type="api_key",
    )
    async with transaction(Tenancy.everyone()) as session:
        session.add(row)
    return public_id(Prefix.ERASURE_REQUEST, row.id)


async def _api_request(estate: Estate) -> str:
    key_id = parse_public_id(Prefix.API_KEY, await estate.id_of(Prefix.API_KEY))
    row = ApiRequest(
        partner_id=estate.world.partner_id,
        livemode=estate.livemode,
        key_id=key_id,
        method="GET",
        route="/documents",
        path="/api/v1/documents",
        status=200,
        duration_ms=1.5,
    )
    async with transaction(Tenancy.everyone()) as session:
        session.add(row)
    return public_id(API_REQUEST, row.id)


async def _question(estate: Estate) -> str:
    document_id = parse_public_id(Prefix.DOCUMENT, await _document(estate))
    member = Member(email=f"{new_id().hex}@test.example", name="Kim Berg", role=Role.REVIEWER, password_hash="-")
    belongs = {"partner_id": estate.world.partner_id, "document_id": document_id}
    task = ReviewTask(**belongs, status="completed")
    async with transaction(Tenancy.everyone()) as session:
        session.add(member)
        session.add(task)
        await session.flush()
        row = Question(**belongs, review_task_id=task.id, asked_by=member.id, expires_at=now())
        session.add(row)
    return public_id(Prefix.QUESTION, row.id)


async def _invoice(estate: Estate) -> str:
    row = Invoice(
        partner_id=estate.world.partner_id, livemode=estate.livemode, month=date(2026, 1, 1),
        number=f"202601-{estate.livemode}", currency="EUR", plan="standard", partner_name="Acme", total=0, lines=0,
        finalized_at=now(),
    )  # fmt: skip
    async with transaction(Tenancy.everyone()) as session:
        session.add(row)
    return public_id(Prefix.INVOICE, row.id)


FACTORIES: dict[str, Callable[[Estate], Awaitable[str]]] = {
    Prefix.DOCUMENT: _document,
    Prefix.FILE: _file,
    Prefix.APPLICANT: _applicant,
    Prefix.VERIFICATION: _verification,
    Prefix.EVENT: _event,
    Prefix.WEBHOOK_ENDPOINT: _endpoint,
    Prefix.DELIVERY: _delivery,
    Prefix.API_KEY: _api_key,
    Prefix.ERASURE_REQUEST: _erasure_request,
    API_REQUEST: _api_request,
    Prefix.QUESTION: _question,
    Prefix.INVOICE: _invoice,
}
"""How one of each is made; what belongs together (a document and its file) does so here, too."""
