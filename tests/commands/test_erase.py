"""Erasing from the command line: the same service, with its holds and its receipt, in an operator's name or none."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from backoffice.commands import erase as command
from backoffice.commands.erase import Asked
from backoffice.jobs import erasures as jobs
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.members import Role
from tests.api.world import rows
from tests.services.people import make_person
from tests.services.retention_cast import audited, operator, place, release
from tests.services.review_cast import make_cast, submitted

pytestmark = pytest.mark.usefixtures("database")
START = "from backoffice.cli import main; main()"


async def a_person(cast):
    document_id = await submitted(cast)
    row = (await rows("select applicant_id from documents where id = :d", d=document_id))[0]
    return row.applicant_id, public_id(Prefix.APPLICANT, row.applicant_id)


def asked(applicant, **more):
    return Asked(**{"applicant": applicant, "reason": "Letter of 12 November", "is_sure": True} | more)


async def requests_of(applicant_id):
    return await rows("select * from erasure_requests where applicant_id = :a", a=applicant_id)


async def at_work(applicant_id):
    """What a worker does: take the request when it is there."""
    while not (found := await requests_of(applicant_id)):
        await asyncio.sleep(0.05)
    await jobs.erase(str(found[0].id))


async def test_only_who_keeps_the_rules_of_retention_orders_and_a_partner_name_must_fit(capsys):
    cast, rival = await make_cast(), await make_cast()
    applicant_id, applicant = await a_person(cast)
    for role in (Role.AUDITOR, Role.REVIEW_LEAD, Role.REVIEWER):
        email = (await make_person(role)).email
        with pytest.raises(SystemExit, match="You need the permission retention:"):
            await command.erase(asked(applicant, email=email))
    for wrong, says in (
        (asked(applicant, partner=rival.partner.slug), f"no applicant with this id at {rival.partner.slug}"),
        (asked(applicant, partner="nobody"), "no partner with the short name nobody"),
        (asked(applicant, email="nobody@example.test"), "Nobody signs in as"),
        (asked("app_nonsense"), "app_"),
        (asked(public_id(Prefix.APPLICANT, cast.partner.id)), "There is no applicant with this id"),
        (asked(applicant, reason="  "), "Say why"),
        (asked(applicant, reason="card 4111 1111 1111 1111"), "payment card"),
        (asked(applicant, receipt=Path("/nowhere/receipt.json")), "no folder"),
    ):
        with pytest.raises(SystemExit, match=says):
            await command.erase(wrong)
    assert await requests_of(applicant_id) == []
    assert capsys.readouterr().out == ""


async def test_it_shows_what_goes_and_orders_it_once_in_an_operators_name(capsys):
    cast = await make_cast()
    applicant_id, applicant = await a_person(cast)
    person = await make_person(Role.OPERATOR)
    await command.erase(asked(applicant, email=person.email, partner=cast.partner.slug))
    said = capsys.readouterr()
    assert f"{applicant} of {cast.partner.name}: 1 document (1 still open), 1 file, and the key" in said.err
    row = (await requests_of(applicant_id))[0]
    assert said.out.strip() == public_id(Prefix.ERASURE_REQUEST, row.id)
    assert (row.requested_by_type, row.requested_by_id) == ("member", person.id)
    await command.erase(asked(applicant))
    assert capsys.readouterr().out == said.out
    (changes,) = await audited(applicant_id, "applicant.erasure_requested")
    assert changes == {"request_id": said.out.strip(), "reason": "Letter of 12 November"}


async def test_it_is_followed_to_a_receipt_that_anybody_can_check(tmp_path, capsys):
    cast = await make_cast()
    applicant_id, applicant = await a_person(cast)
    file = tmp_path / "receipt.json"
    await asyncio.gather(command.erase(asked(applicant, receipt=file)), at_work(applicant_id))
    receipt, keys = json.loads(file.read_text()), json.loads((tmp_path / "receipt.json.keys").read_text())
    checked = jws.deserialize_compact(receipt["jws"], KeySet.import_key_set(keys), algorithms=["Ed25519"])
    statement = json.loads(checked.payload)
    assert statement == receipt["statement"]
    assert (statement["applicant_id"], statement["erased"]["documents"]) == (applicant, 1)
    assert capsys.readouterr().out == ""
    await command.erase(asked(applicant, waits=True, is_sure=False))
    assert json.loads(capsys.readouterr().out) == receipt
    await command.erase(asked(applicant))
    assert ": erased on " in capsys.readouterr().err


async def test_a_hold_is_shown_before_and_ends_the_waiting(capsys):
    cast = await make_cast()
    applicant_id, applicant = await a_person(cast)
    keeper = await operator(cast)
    hold = await place(keeper, applicant)
    with pytest.raises(SystemExit, match=r"waits until a hold is released: Order 12 O 7/26\. It goes on by"):
        await command.erase(asked(applicant, waits=True))
    assert "It has to wait until a hold is released: Order 12 O 7/26" in capsys.readouterr().err
    assert [row.status for row in await requests_of(applicant_id)] == ["on_hold"]
    await release(keeper, hold)
    await at_work(applicant_id)
    await command.erase(asked(applicant, waits=True))
    assert json.loads(capsys.readouterr().out)["statement"]["applicant_id"] == applicant


async def test_nobody_at_work_ends_in_a_sentence(monkeypatch):
    monkeypatch.setattr(command, "PATIENCE_SECONDS", 0.4)
    _, applicant = await a_person(await make_cast())
    with pytest.raises(SystemExit, match=r"not done yet\. Look whether a worker runs"):
        await command.erase(asked(applicant, waits=True))


async def test_the_command_asks_first_and_speaks_in_exit_codes():
    cast = await make_cast()
    applicant_id, applicant = await a_person(cast)

    def run(*more: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", START, "erase", applicant, *more]
        return subprocess.run(words, capture_output=True, text=True, input=typed, env=os.environ, check=False)

    none = await asyncio.to_thread(run, "--reason", "Letter")
    assert (none.returncode, none.stdout) == (1, "")
    assert none.stderr.splitlines()[-1] == "Nobody is here to ask; say --yes to erase without a question."
    assert (await asyncio.to_thread(run)).returncode == 2
    assert await requests_of(applicant_id) == []
    done = await asyncio.to_thread(run, "--reason", "Letter", "--yes")
    assert done.returncode == 0
    assert parse_public_id(Prefix.ERASURE_REQUEST, done.stdout.strip()) == (await requests_of(applicant_id))[0].id


async def test_a_no_changes_nothing():
    applicant_id, applicant = await a_person(await make_cast())

    def answered(answer: bytes) -> subprocess.CompletedProcess[str]:
        ours, theirs = os.openpty()
        words = [sys.executable, "-c", START, "erase", applicant, "--reason", "Letter"]
        os.write(ours, answer)
        try:
            return subprocess.run(words, stdin=theirs, capture_output=True, text=True, env=os.environ, check=False)
        finally:
            os.close(ours)
            os.close(theirs)

    no = await asyncio.to_thread(answered, b"n\n")
    assert (no.returncode, no.stdout) == (1, "")
    assert no.stderr.endswith("Nothing was erased.\n")
    assert await requests_of(applicant_id) == []
    yes = await asyncio.to_thread(answered, b"y\n")
    assert yes.returncode == 0
    assert len(await requests_of(applicant_id)) == 1
