"""The page of settings at the raw socket: no secret reaches a browser or what Redis keeps of its tab."""

import pytest
from redis.asyncio import from_url
from sqlalchemy import make_url

from backoffice.models.members import Role
from tests.browsing import cookie_of, signed_in
from tests.rx_socket import tab
from tests.web_process import web_process

pytestmark = pytest.mark.usefixtures("database")
STATE = "reflex___state____state.backoffice___state___ops___settings____installation_state"
SHORT = "installation_state"
PLACE = "/ops/settings"
MARK = "zq7marker9x"


def marked(servers) -> dict[str, str]:
    """Every secret that a process still works with."""
    with_password = make_url(servers.app_url).set(password=MARK).render_as_string(hide_password=False)
    return {
        "BACKOFFICE_DATABASE_URL": with_password,
        "BACKOFFICE_SMTP_URL": f"smtp://{MARK}:{MARK}@127.0.0.1:1?from=house@bank.example",
        "BACKOFFICE_METRICS_TOKEN": MARK * 4,
        "BACKOFFICE_STORAGE_URL_EU": f"s3://bucket?endpoint=http://{MARK}:{MARK}@127.0.0.1:1&region=eu",
        "BACKOFFICE_KEK_URL_EU": f"aws-kms://alias/kyc?region=eu&endpoint=http://{MARK}:{MARK}@127.0.0.1:1",
    }


async def kept(servers) -> bytes:
    """All that Redis keeps."""
    client = from_url(servers.redis_url)
    try:
        found = b""
        async for key in client.scan_iter(count=500):
            if await client.type(key) == b"string":
                found += key + (await client.get(key) or b"")
        return found
    finally:
        await client.aclose()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
async def test_no_secret_reaches_the_browser(servers, role):
    with web_process(servers, **marked(servers)) as web:
        async with (
            signed_in(web, role) as (_, client),
            tab(web.url, cookie=cookie_of(client), path=PLACE) as mine,
        ):
            await mine.send(f"{STATE}.open", path=PLACE)
            await mine.until(lambda one: one.shown(SHORT).get("is_loaded"))
            rows = {row["variable"]: row for group in mine.shown(SHORT)["groups"] for row in group["rows"]}
            assert rows["BACKOFFICE_SECRET_KEY"]["value"] == "set"
            assert rows["BACKOFFICE_SMTP_URL"]["value"] == "smtp://…@127.0.0.1:1?from=house@bank.example"
            assert rows["BACKOFFICE_STORAGE_URL_EU"]["value"].startswith("s3://bucket?endpoint=http://…@")
            assert mine.shown(SHORT)["risks"]
            assert len(mine.shown(SHORT)["versions"]) == 6
            for secret in (MARK, servers.secret):
                assert secret not in mine.everything
                assert secret.encode() not in await kept(servers)
            assert MARK not in web.logged


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.OPERATOR, Role.AUDITOR}])
async def test_it_is_refused_to_everybody_else(web, role):
    async with signed_in(web, role) as (_, client):
        answer = await client.get(PLACE)
        assert answer.status_code == 403
        assert 'data-testid="denied-state"' in answer.text
        async with tab(web.url, cookie=cookie_of(client), path=PLACE) as mine:
            await mine.send(f"{STATE}.open", path=PLACE)
            await mine.send(f"{STATE}.search", {"form": {"q": "secret"}}, path=PLACE)
            await mine.settle()
            assert not mine.shown(SHORT).get("groups")
            assert "BACKOFFICE_" not in mine.everything


async def test_nobody_who_is_not_signed_in_reads_it(web):
    async with tab(web.url, path=PLACE) as mine:
        await mine.send(f"{STATE}.open", path=PLACE)
        await mine.until(lambda one: one.redirects)
        assert "BACKOFFICE_" not in mine.everything
