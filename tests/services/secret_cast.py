"""An installation of a test's own, whose master secret and pepper it may change to the end."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select
from sqlalchemy.engine import make_url

from backoffice import db
from backoffice.adapters import live, roots, secret_slots, signing
from backoffice.adapters.embedded_postgres import PostgresUrls, create_database
from backoffice.db import Tenancy, transaction
from backoffice.models.members import Member, Role
from backoffice.models.single_sign_on import Draft, SsoConnection
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services import (
    documents,
    files,
    invitees,
    letter_preferences,
    own_logins,
    password_resets,
    second_factor,
    secret_rotations,
    sessions,
    sign_in,
    sso_connections,
    tokens,
    webhook_endpoints,
    webhook_secrets,
)
from backoffice.services.access import Actor
from backoffice.services.documents import Filter
from backoffice.settings import settings
from tests.servers import ROOT, Servers
from tests.services.browser_cast import enter, is_known, with_
from tests.services.people import SYSTEM, Person, actor_of, make_person, visitor
from tests.services.review_cast import Cast, in_review, make_cast, member
from tests.services.rotation_cast import make, use

EVERYONE = Tenancy.everyone()
NEW = "another of forty letters, that came after"
CACHED = (signing.log_key, signing._log_key, signing._private_key)


def set_to(*secrets: str) -> None:
    """Begin anew with these settings, as a restarted process does."""
    names = ("BACKOFFICE_SECRET_KEY", "BACKOFFICE_SECRET_KEY_PREVIOUS")
    for name, secret in zip(names, [*secrets, ""], strict=False):
        os.environ[name] = secret
    _begin_anew()


def _begin_anew() -> None:
    settings.cache_clear()
    roots.begin_anew()
    for cached in CACHED:
        cached.cache_clear()


@pytest.fixture
async def own(servers: Servers, database: Servers, monkeypatch, tmp_path) -> AsyncIterator[str]:
    """A database and a data folder of this test's own; answers its master secret."""
    name = f"own_{os.urandom(4).hex()}"
    urls = PostgresUrls(Path(str(make_url(servers.owner_url).query["host"]))).named(name)
    create_database(urls)
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = urls.owner
    command.upgrade(config, "head")
    await db.close()
    monkeypatch.setenv("BACKOFFICE_DATABASE_URL", urls.app)
    monkeypatch.setenv("BACKOFFICE_DATABASE_OWNER_URL", urls.owner)
    monkeypatch.setenv("BACKOFFICE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BACKOFFICE_SECRET_KEY", servers.secret)
    monkeypatch.setenv("BACKOFFICE_SECRET_KEY_PREVIOUS", "")
    monkeypatch.setattr(roots, "KNOWN_BY_ALL", roots.KNOWN_BY_ALL * 0)
    monkeypatch.setattr(secret_rotations, "SETTLED", secret_rotations.SETTLED * 0)
    monkeypatch.setattr(secret_rotations, "SETTLED_PEPPER", secret_rotations.SETTLED_PEPPER * 0)
    _begin_anew()
    yield servers.secret
    await db.close()
    monkeypatch.undo()
    _begin_anew()
    with PostgresUrls(urls.socket_dir).connect() as admin:
        admin.execute(f"drop database {name} with (force)")


async def master_id() -> str:
    async with transaction(EVERYONE) as session:
        return (await secret_rotations.standing(session, SYSTEM)).secret_id


def name_of(secret: str) -> str:
    return secret_slots.secret_id(secret)


@dataclass
class World:
    """Somebody and something of every kind that a secret stands behind, made before the change."""

    person: Person
    actor: Actor
    cast: Cast
    document_id: UUID
    key: str
    endpoint_id: UUID
    whsec: bytes
    invitation_id: UUID
    session_secret: str
    browser: str
    codes: list[str]
    links: dict[str, str] = field(default_factory=dict)
    letter: str = ""
    log: str = ""
    receipts: str = ""

    async def works(self) -> None:
        """See that all of it still does what it did."""
        await self._people()
        await self._partners()
        await self._links()
        assert str(signing.log_key()) == self.log
        assert signing.public_key()["x"] == self.receipts
        await self._found()

    async def _people(self) -> None:
        async with transaction(EVERYONE) as session:
            assert await sessions.by_secret(session, self.session_secret) is not None
            row = await session.get_one(Member, self.person.id)
            assert second_factor.open_(row.totp_secret_box, row.id) == self.person.totp_secret
        assert await is_known(self.person, self.browser)
        who = with_(self.browser)
        first = await sign_in.with_password(self.person.email, "amber-fjord-heron-17", who)
        assert (await sign_in.with_recovery_code(first.secret, self.codes.pop(), who)).is_complete

    async def _partners(self) -> None:
        assert (await use(self.key)).actor.partner_id == self.cast.partner.id
        async with transaction(EVERYONE) as session:
            endpoint = await session.get_one(WebhookEndpoint, self.endpoint_id)
            assert webhook_secrets.signing_keys(endpoint) == (self.whsec,)
            written = await invitees.addressed(session, SYSTEM, self.invitation_id)
            assert written is not None
            connection = (await session.execute(select(SsoConnection))).scalar_one()
            assert sso_connections.secret_of(connection) == "the provider's secret"

    async def _links(self) -> None:
        for purpose, token in self.links.items():
            assert tokens.read(purpose, token, 4) == b"body"
        assert letter_preferences.read(self.letter)[0] == self.person.id

    async def _found(self) -> None:
        admin = await member(self.cast, Role.PARTNER_ADMIN)
        async with transaction(admin.tenancy) as session:
            for q in ("okonkwo", "P1234567"):
                page = await documents.page(session, admin, Filter(q=q, livemode=True))
                assert self.document_id in [row.id for row in page.rows]


@dataclass(frozen=True)
class Keyed:
    """What a key is made for."""

    partner_id: UUID


async def make_world() -> World:
    cast = await make_cast()
    person = await make_person(Role.PARTNER_ADMIN, cast.partner.id)
    actor = actor_of(person)
    step = await enter(person, with_(""))
    codes = await own_logins.new_recovery_codes(step.actor, person.code(), visitor())
    _, token = await make(Keyed(cast.partner.id))
    async with transaction(EVERYONE) as session:
        endpoint, _ = await webhook_endpoints.create(
            session, actor, url="https://receiver.example/hooks", livemode=True
        )
        await session.flush()
        invitation, _ = await invitees.send(
            session, actor, email=f"new-{person.id.hex[:8]}@example.test", name="New", role=Role.PARTNER_ADMIN
        )
        draft = Draft(issuer="https://login.example", client_id="us", secret="the provider's secret")
        await sso_connections.save(session, actor, draft)
        keys = webhook_secrets.signing_keys(endpoint)
    task = await in_review(cast)
    made = World(
        person, actor, cast, task.document_id, token, endpoint.id, keys[0], invitation.id, step.secret, step.browser,
        codes,
    )  # fmt: skip
    made.links = {files.TOKEN_PURPOSE: tokens.write(files.TOKEN_PURPOSE, b"body")}
    made.letter = letter_preferences.link(person.id, next(iter(letter_preferences._LETTERS))).rpartition("/")[2]
    made.log, made.receipts = str(signing.log_key()), signing.public_key()["x"]
    await live.close()
    return made


async def reset_box() -> str:
    """A queued letter's box, as asking for a new password leaves it."""
    from backoffice.adapters import boxes

    return boxes.seal(password_resets.KEY, b"nobody@example.test", b"").hex()
