"""What a person sees who sets a password while the download of stolen ones is broken."""

import hashlib

import pytest

from backoffice.models.members import Role
from tests.browsing import browser
from tests.services.people import make_person
from tests.test_invite_http import PASSWORD, count, invite
from tests.test_security_http import FRESH, link_of
from tests.web_process import web_process

pytestmark = pytest.mark.usefixtures("database")


async def test_a_broken_download_shows_the_form_again_and_takes_no_password(servers, tmp_path):
    download = tmp_path / "pwned.txt"
    download.write_text(f"{hashlib.sha1(b'x', usedforsecurity=False).hexdigest().upper()}:3\n")
    person, (invitation, invited) = await make_person(Role.PARTNER_ANALYST), await invite()
    token = await link_of(person)
    with web_process(servers, BACKOFFICE_BREACHED_PASSWORDS=str(download)) as running:
        async with browser(running) as client:
            whole = download.read_text()
            download.write_text("")
            for path, form in (
                ("/auth/reset/choose", {"token": token, "password": FRESH}),
                ("/auth/invite", {"token": invited, "password": PASSWORD}),
            ):
                answer = await client.post(path, data=form)
                assert answer.status_code == 503, path
                assert answer.headers["cache-control"] == "no-store"
                assert "New passwords cannot be compared with those that were stolen" in answer.text
                assert 'name="password"' in answer.text
                assert form["token"] in answer.text
                assert form["password"] not in answer.text
            assert await count(invitation.email) == 0
            download.write_text(whole)
            answer = await client.post("/auth/reset/choose", data={"token": token, "password": FRESH})
            assert answer.headers["location"] == "/login?notice=password_set"
            answer = await client.post("/auth/invite", data={"token": invited, "password": PASSWORD})
            assert (answer.status_code, await count(invitation.email)) == (303, 1)
