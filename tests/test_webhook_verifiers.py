"""Strangers verify real deliveries: two libraries in two languages each, and the verifiers that we document."""

import importlib.util
import json
import re
import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import pytest
import standardwebhooks
import svix
from sqlalchemy import update

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services import webhook_endpoints, webhook_secrets
from backoffice.services.access import Actor
from tests.node_tools import script
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import emit, endpoint_of, endpoint_row, quiet, receiving, work_once

PAGE = Path(__file__).resolve().parent.parent / "docs" / "webhooks.md"
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True)
class Case:
    """A message as it arrived, the secret that the receiver knows, and whether it should be believed."""

    name: str
    secret: str
    headers: dict[str, str]
    body: str
    is_good: bool

    def changed(self, name, *, body=None, secret=None, **headers):
        changed = {key.replace("_", "-"): value for key, value in headers.items()}
        return replace(
            self, name=name, body=body or self.body, secret=secret or self.secret, headers=self.headers | changed,
            is_good=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
async def cases(database):
    """Three deliveries by the real sender: before, in the middle of and after a rotation; and forgeries of them."""
    cast = await make_cast()
    actor = Actor.system(cast.partner.id)
    async with receiving() as receiver:
        endpoint, old = await endpoint_of(cast, receiver.url)
        await emit(cast)
        await work_once(endpoint)
        async with transaction(actor.tenancy) as session:
            _, new = await webhook_endpoints.rotate_secret(session, actor, endpoint.id)
        await work_once(endpoint)
        await emit(cast)
        await work_once(await endpoint_row(endpoint))
        async with transaction(Tenancy.everyone()) as session:
            over = now() - timedelta(seconds=1)
            mine = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id)
            await session.execute(mine.values(previous_secret_until=over))
        await emit(cast, type_="document.rejected")
        await work_once(endpoint)
    await quiet(cast)
    return sorted_out(receiver.got, old, new)


def sorted_out(got, old, new):
    first, *_, middle, last = [
        {name: one.headers[name] for name in HEADERS} | {"body": one.body.decode()} for one in got
    ]

    def case(name, message, secret, is_good):
        return Case(name, secret, {key: message[key] for key in HEADERS}, message["body"], is_good)

    good = case("before", first, old, is_good=True)
    late = str(int(first["webhook-timestamp"]) - 600)
    early = str(int(first["webhook-timestamp"]) + 600)
    signature = first["webhook-signature"]
    return [
        good,
        case("mid-rotation, new", middle, new, is_good=True),
        case("mid-rotation, old", middle, old, is_good=True),
        case("after, new", last, new, is_good=True),
        case("after, old", last, old, is_good=False),
        case("before, new", first, new, is_good=False),
        replace(
            good, name="beside another version", headers=good.headers | {"webhook-signature": f"v1a,AAAA {signature}"}
        ),
        good.changed("another body", body=first["body"].replace("approved", "rejected")),
        good.changed("another id", webhook_id="evt_" + "0" * 26),
        good.changed("older than it says", webhook_timestamp=str(int(first["webhook-timestamp"]) + 1)),
        good.changed("too old", webhook_timestamp=late),
        good.changed("from the future", webhook_timestamp=early),
        good.changed("no time", webhook_timestamp="now"),
        good.changed("no signature", webhook_signature=""),
        good.changed("cut", webhook_signature=signature[:-4]),
        good.changed("only another version", webhook_signature=signature.replace("v1,", "v2,")),
        good.changed("nonsense", webhook_signature="v1,*** v1 ,, \u00fc"),
        good.changed("another secret", secret=webhook_secrets.draw()),
    ]


def snippet(language):
    """Take a verifier out of the page that partners read."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return next(block for block in blocks if "verify(secret" in block)


@lru_cache(1)
def documented_python():
    """Import the verifier of the page as a module."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "documented.py"
        path.write_text(snippet("python"))
        spec = importlib.util.spec_from_file_location("documented", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module.verify


IN_PYTHON = {
    "standardwebhooks": lambda case: standardwebhooks.Webhook(case.secret).verify(case.body, case.headers),
    "svix": lambda case: svix.Webhook(case.secret).verify(case.body, case.headers),
    "documented": lambda case: documented_python()(case.secret, case.headers, case.body.encode()),
}


def accepts(check, case):
    try:
        check(case)
    except Exception:
        return False
    return True


@pytest.mark.parametrize("verifier", IN_PYTHON)
async def test_in_python(cases, verifier):
    believed = {case.name: accepts(IN_PYTHON[verifier], case) for case in cases}
    assert believed == {case.name: case.is_good for case in cases}


async def test_in_node(cases, tmp_path):
    module = tmp_path / "documented.mjs"
    module.write_text(snippet("javascript"))
    given = json.dumps([vars(case) | {"headers": case.headers} for case in cases])
    answers = json.loads(script("verify.mjs", module.as_uri(), given=given))
    for verifier in IN_PYTHON:
        believed = {case.name: answer[verifier] for case, answer in zip(cases, answers, strict=True)}
        assert believed == {case.name: case.is_good for case in cases}, verifier


async def test_in_mid_rotation_one_message_carries_both_signatures(cases):
    new, old = (next(case for case in cases if case.name == f"mid-rotation, {which}") for which in ("new", "old"))
    assert new.headers == old.headers
    assert len(new.headers["webhook-signature"].split(" ")) == 2


@pytest.mark.parametrize("language", ["python", "javascript", "go", "ruby", "php"])
def test_each_documented_verifier_compares_in_constant_time_and_looks_at_the_clock(language):
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    [code] = [block for block in blocks if re.search(r"erify\b.*(secret|\$secret)", block)]
    constant = {
        "python": "hmac.compare_digest", "javascript": "timingSafeEqual(", "go": "hmac.Equal(",
        "ruby": "OpenSSL.secure_compare", "php": "hash_equals(",
    }  # fmt: skip
    assert constant[language] in code
    assert "tolerance" in code
    assert "whsec_" in code
