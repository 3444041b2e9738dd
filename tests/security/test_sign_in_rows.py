"""Rows of docs/compliance/controls.md about signing in that no test beside the code shows; each is named by its row."""

import re
import secrets
from datetime import timedelta

import httpx2
import psycopg
import pytest
from alembic import command

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import TooMany
from backoffice.models.members import Member, Role
from backoffice.services import password_changes, password_resets, sessions, sign_in, sign_in_limits
from backoffice.services.audiences import PUBLIC
from backoffice.state.gate import audience_of
from tests.browsing import browser, cookie_of
from tests.rx_socket import tab
from tests.services.people import PASSWORD, SYSTEM, actor_of, make_person, visitor
from tests.test_outsider_socket import OURS, handlers, own_deltas, payload_for
from tests.test_sign_in_http import paths
from tests.test_upgrade import config, read, urls  # noqa: F401 a fixture

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
HASH = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$")


async def hash_of(person) -> str:
    async with transaction(EVERYONE) as session:
        return (await session.get_one(Member, person.id)).password_hash


async def test_05_a_password_of_400_days_ago_still_signs_in():
    person = await make_person(Role.PARTNER_ANALYST)
    with clock.shifted(timedelta(days=400)):
        step = await sign_in.with_password(person.email, PASSWORD, visitor())
    assert step.is_complete


async def test_06_every_way_to_a_password_ends_in_argon2id():
    person = await make_person(Role.PARTNER_ANALYST)
    kept = [await hash_of(person)]
    async with transaction(EVERYONE) as session:
        link = await password_resets.link_of(session, SYSTEM, person.email)
    await password_resets.choose(link.rpartition("/")[2], "entirely-New-amber-19", visitor())
    kept.append(await hash_of(person))
    step = await sign_in.with_password(person.email, "entirely-New-amber-19", visitor())
    await password_changes.change(step.actor, "entirely-New-amber-19", "yet-another-Heron-20", visitor())
    kept.append(await hash_of(person))
    assert len(set(kept)) == 3
    for one in kept:
        strength = HASH.match(one)
        assert strength, one[:12]
        memory, rounds, lanes = map(int, strength.groups())
        assert (memory >= 19_456, rounds >= 2, lanes >= 1) == (True, True, True)


def test_07_a_fresh_installation_has_no_login(urls):  # noqa: F811 the fixture
    command.upgrade(config(urls), "head")
    assert read(urls, "select count(*) from members") == [(0,)]
    with psycopg.connect(urls.owner.replace("+psycopg", "")) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        for table in ("sessions", "invitations", "api_keys", "password_resets"):
            assert owner.execute(f"select count(*) from {table}").fetchone() == (0,), table


async def half_signed_in(client: httpx2.AsyncClient) -> None:
    person = await make_person(Role.OPERATOR)
    answer = await client.post("/auth/login", data={"email": person.email, "password": PASSWORD})
    assert answer.headers["location"].startswith("/login/mfa")


async def test_08_half_a_sign_in_opens_no_page(web):
    async with browser(web) as client:
        await half_signed_in(client)
        for path, _ in paths():
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["location"][:12]) == (303, "/login?next="), path


async def test_08_half_a_sign_in_reaches_no_handler(web):
    shut = {name: function for name, function in handlers().items() if OURS in name and audience_of(function) != PUBLIC}
    assert len(shut) > 20
    async with browser(web) as client:
        await half_signed_in(client)
        async with tab(web.url, cookie=cookie_of(client)) as half:
            await half.settle()
            for name, function in shut.items():
                seen, redirects = len(half.updates), len(half.redirects)
                await half.send(name, {} if name.endswith("setvar") else payload_for(function))
                await half.until(lambda one, before=redirects: len(one.redirects) > before)
                assert own_deltas(half.updates[seen:]) == [], name
            assert {where.partition("?")[0] for where in half.redirects} == {"/login"}


async def test_15_an_office_of_500_behind_one_address_is_not_stopped():
    """The password itself is not computed here: what is counted is counted before and after it."""
    one = visitor()
    for number in range(500):
        account = sign_in_limits.fingerprint(f"{secrets.token_hex(6)}-{number}@office.example")
        await sign_in_limits.admit_password(account, one)
        await sign_in_limits.succeeded_with_password(account, one)
    mistaken = sign_in_limits.fingerprint(f"{secrets.token_hex(6)}@office.example")
    await sign_in_limits.admit_password(mistaken, one)
    for _ in range(sign_in_limits.FAILURES_PER_ADDRESS):
        await sign_in_limits.failed(one)
    with pytest.raises(TooMany):
        await sign_in_limits.admit_password(mistaken, one)


async def test_15_everybody_together_has_a_limit_too(monkeypatch):
    monkeypatch.setattr(sign_in_limits, "EVERYBODY", 3)
    monkeypatch.setattr(sign_in_limits.live, "hit", _under(secrets.token_hex(6), sign_in_limits.live.hit))
    with pytest.raises(TooMany) as refusal:
        for _ in range(4):
            await sign_in_limits.admit_password(sign_in_limits.fingerprint(secrets.token_hex(8)), visitor())
    assert refusal.value.code == "sign_in_busy"


def _under(name, hit):
    """Count under a name of this test's own: other tests sign in at the same moment."""

    async def renamed(key, *rest, **options):
        return await hit(f"{name}:{key}" if key == "sign-in:everybody" else key, *rest, **options)

    return renamed


async def test_27_a_session_says_when_where_and_with_what(web):
    person = await make_person(Role.PARTNER_ANALYST)
    one = visitor()
    step = await sign_in.with_password(person.email, PASSWORD, one)
    async with transaction(EVERYONE) as session:
        [row] = await sessions.mine(session, actor_of(person))
    assert (row.id, row.ip, row.user_agent) == (step.actor.session_id, one.ip, "tests")
    assert abs((clock.now() - row.last_seen_at).total_seconds()) < 60
