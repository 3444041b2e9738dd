"""A web process that nobody restarts follows a change that another process makes, from its beginning to its end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.models.members import Role
from tests.browsing import browser, sign_in
from tests.servers import ROOT, Servers
from tests.services.people import make_person
from tests.services.rotation_cast import make
from tests.services.secret_cast import NEW, Keyed
from tests.web_process import Web, web_process

pytestmark = pytest.mark.timeout(300)


def backoffice(*arguments: str, secrets: tuple[str, str]) -> str:
    environment = os.environ | dict(
        zip(("BACKOFFICE_SECRET_KEY", "BACKOFFICE_SECRET_KEY_PREVIOUS"), secrets, strict=True)
    )
    command = [str(Path(sys.executable).with_name("backoffice")), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def statuses(web: Web, tokens: list[str]) -> set[int]:
    async with browser(web) as client:
        asked = [
            await client.get("/api/v1/documents", headers={"Authorization": f"Bearer {token}"}) for token in tokens
        ]
    return {answer.status_code for answer in asked}


async def test_a_running_web_process_follows_without_a_restart(own, servers: Servers):
    person = await make_person(Role.PARTNER_ADMIN)
    tokens = [(await make(Keyed(person.partner_id)))[1] for _ in range(3)]
    names = ("BACKOFFICE_DATABASE_URL", "BACKOFFICE_DATABASE_OWNER_URL", "BACKOFFICE_DATA_DIR")
    with web_process(servers, **{name: os.environ[name] for name in names}) as web:
        async with browser(web) as before, browser(web) as later:
            await sign_in(before, person)
            assert await statuses(web, tokens) == {200}
            assert "1 sealed again." in backoffice("secrets", "rotate", "master", secrets=(NEW, own))
            await sign_in(later, person)
            for client in (before, later):
                assert (await client.get("/login")).headers["location"] == "/partner"
            backoffice("secrets", "rotate", "pepper", secrets=(NEW, own))
            assert await statuses(web, tokens) == {200}
            assert "opens every root" in backoffice("secrets", "list", secrets=(NEW, own))
        assert "Traceback" not in web.logged
