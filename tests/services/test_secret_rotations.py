"""A change of the master secret: everything goes on before, while and after, and nothing opens by the one before."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pyotp import TOTP
from sqlalchemy import select, text, update
from sqlalchemy.engine import make_url

from backoffice import db
from backoffice.adapters import boxes, master_secret, roots
from backoffice.adapters.derive import box_version
from backoffice.adapters.embedded_postgres import PostgresUrls
from backoffice.commands import secret_rotations as command
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotSignedIn
from backoffice.jobs import secrets as job
from backoffice.models.health_counts import PartStatus
from backoffice.models.members import Member, Role
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services import (
    health,
    password_resets,
    second_factor,
    secret_boxes,
    secret_rotations,
    sign_in,
    webhook_secrets,
)
from backoffice.settings import SettingsError, settings
from tests.servers import ROOT
from tests.services.people import SYSTEM, actor_of, make_partner, make_person
from tests.services.secret_cast import EVERYONE, NEW, make_world, master_id, name_of, reset_box, set_to
from tests.services.test_fleet import call

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(240)]


async def acts(action: str) -> list[dict]:
    async with transaction(EVERYONE) as session:
        statement = text("select changes from audit_entries where action = :a order by id")
        return list((await session.execute(statement, {"a": action})).scalars())


async def left() -> int:
    async with transaction(EVERYONE) as session:
        return sum((await secret_boxes.left(session, SYSTEM)).values())


async def make_seeds(number: int) -> dict:
    """People with authenticator apps; answers the seed of each."""
    partner_id = await make_partner()
    people = [await make_person(Role.PARTNER_ADMIN, partner_id) for _ in range(number)]
    return {person.id: person.totp_secret for person in people}


async def test_no_person_changes_secrets(database):
    person = actor_of(await make_person(Role.OPERATOR))
    for function, arguments in (
        (secret_rotations.rotate_master, ()),
        (secret_rotations.rotate_pepper, ()),
        (secret_rotations.retire_master, ()),
        (secret_rotations.retire_pepper, ()),
        (secret_rotations.end_overdue, ()),
        (secret_boxes.older, (secret_boxes.COLUMNS[0], None)),
        (secret_boxes.keep, (secret_boxes.COLUMNS[0], [])),
    ):
        with pytest.raises(NotAllowed):
            await call(function, person, *arguments)
    analyst = actor_of(await make_person(Role.PARTNER_ANALYST))
    with pytest.raises(NotAllowed):
        await call(secret_rotations.standing, analyst)


async def test_everything_works_before_while_and_after_the_change(own, capsys):
    world = await make_world()
    queued = await reset_box()
    await world.works()
    set_to(NEW, own)
    await world.works()
    with pytest.raises(Conflict, match="rotate master"):
        await call(secret_rotations.retire_master, SYSTEM)
    await command.rotate_master()
    said = capsys.readouterr().out
    assert f"The master secret {name_of(NEW)} opens everything" in said
    assert "5 sealed again." in said
    assert await left() == 0
    await world.works()
    set_to(own)  # a host that was not restarted yet
    await world.works()
    async with transaction(EVERYONE) as session:
        assert await password_resets.addressed(session, SYSTEM, queued) is None
        assert await password_resets.addressed(session, SYSTEM, await reset_box()) is None
    set_to(NEW, own)
    await command.retire_master()
    set_to(NEW)
    world.links = {}  # a day is over
    await world.works()
    assert await master_id() == name_of(NEW)
    set_to(own)
    with pytest.raises(SettingsError, match=name_of(NEW)):
        roots.ring()
    set_to(NEW)
    [rotated], [retired] = await acts("master_secret.rotated"), await acts("master_secret.retired")
    assert rotated["secret"] == [name_of(own), name_of(NEW)]
    assert retired["secret"] == [[name_of(own)], name_of(NEW)]
    assert (await acts("secret.resealed"))[0] == {"version": 2, "resealed": 5, "cannot_be_opened": 0}


async def test_a_backup_from_before_opens_by_the_secret_of_then_and_goes_on(own, servers):
    world = await make_world()
    copy = f"copy_{os.urandom(4).hex()}"
    present = settings().required("database_url")
    source = make_url(present).database
    urls = PostgresUrls(Path(str(make_url(servers.owner_url).query["host"])))
    await db.close()
    with urls.connect() as admin:
        admin.execute(f"create database {copy} template {source}")
    set_to(NEW, own)
    await command.rotate_master()
    await command.retire_master()
    set_to(NEW)
    world.links = {}
    await world.works()
    await db.close()
    os.environ["BACKOFFICE_DATABASE_URL"] = urls.named(copy).app
    set_to(NEW)
    with pytest.raises(SettingsError, match=name_of(own)):
        roots.ring()
    set_to(NEW, own)
    await world.works()
    await command.rotate_master()
    await command.retire_master()
    set_to(NEW)
    await world.works()
    await db.close()
    os.environ["BACKOFFICE_DATABASE_URL"] = present
    with urls.connect() as admin:
        admin.execute(f"drop database {copy} with (force)")


async def test_a_box_of_before_opens_no_more_by_the_secret_before(own):
    seeds = await make_seeds(1)
    set_to(NEW, own)
    await command.rotate_master()
    async with transaction(EVERYONE) as session:
        box = (await session.execute(select(Member.totp_secret_box).where(Member.id.in_(seeds)))).scalar_one()
    assert box.startswith(boxes.head_of(2))
    await command.retire_master()
    told = [(await call(secret_rotations.standing, SYSTEM)).others, roots.ring().versions("working")]
    assert told == [{}, [2]]
    with pytest.raises(Conflict, match="no master secret before"):
        await call(secret_rotations.retire_master, SYSTEM)


async def test_only_the_secret_that_was_changed_to_lets_go_of_the_others(own):
    seeds = await make_seeds(1)
    set_to(NEW, own)
    await command.rotate_master()
    for secrets in ((own,), (own, NEW)):
        set_to(*secrets)
        with pytest.raises(Conflict, match=f"went to the master secret {name_of(NEW)}.*{name_of(own)} here"):
            await call(secret_rotations.retire_master, SYSTEM)
    set_to(NEW)
    assert await opened(seeds) == seeds
    await command.retire_master()


async def test_without_the_one_before_nothing_begins(own):
    with pytest.raises(Invalid, match="BACKOFFICE_SECRET_KEY_PREVIOUS"):
        await call(secret_rotations.rotate_master, SYSTEM)
    assert box_version() == 1


async def test_a_secret_that_others_still_use_is_not_left_behind(own):
    set_to(NEW, own)
    roots.ring()
    set_to(NEW)
    with pytest.raises(Conflict, match=name_of(own)):
        await call(secret_rotations.rotate_pepper, SYSTEM)


async def test_the_end_waits_for_what_ends_within_a_day_and_for_every_box(own, monkeypatch):
    await make_seeds(2)
    set_to(NEW, own)
    await call(secret_rotations.rotate_master, SYSTEM)
    with pytest.raises(Conflict, match=r"Authenticator apps 2\. Run: backoffice secrets reseal"):
        await call(secret_rotations.retire_master, SYSTEM)
    assert await job.walk() == 2
    monkeypatch.undo()
    set_to(NEW, own)


async def test_a_killed_walk_goes_on_where_it_stopped(own):
    seeds = await make_seeds(6)
    set_to(NEW, own)
    await call(secret_rotations.rotate_master, SYSTEM)
    script = (
        "import asyncio, time\nfrom backoffice.jobs import secrets\nfrom backoffice.services import secret_boxes\n"
        "secret_boxes.AT_ONCE = 1\n"
        "asyncio.run(secrets.walk(lambda count: (print(count, flush=True), time.sleep(0.3))))"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as walking:
        assert walking.stdout.readline() == "1\n"
        walking.send_signal(signal.SIGKILL)
    before = await left()
    assert 0 < before < 6
    assert await job.walk() == before
    await job.tend()
    assert await opened(seeds) == seeds


async def opened(seeds: dict) -> dict:
    async with transaction(EVERYONE) as session:
        rows = (await session.execute(select(Member).where(Member.id.in_(seeds)))).scalars()
        return {row.id: second_factor.open_(row.totp_secret_box, row.id) for row in rows}


async def test_a_seed_sealed_again_meanwhile_keeps_nobody_out(own):
    [person_id] = await make_seeds(1)
    async with transaction(EVERYONE) as session:
        member = await session.get_one(Member, person_id)
    set_to(NEW, own)
    await command.rotate_master()
    await call_as_is(sign_in.still_holds, member)
    fresh = second_factor.new_secret()
    code = TOTP(fresh).now()
    assert await call_as_is(second_factor.replace, member, fresh, code)
    assert not await call_as_is(second_factor.replace, member, fresh, code)
    with pytest.raises(NotSignedIn):
        await call_as_is(sign_in.still_holds, member)


async def call_as_is(function, member: Member, *arguments: object) -> object:
    async with transaction(EVERYONE) as session:
        return await function(session, member, *arguments)


async def test_two_walks_at_once_write_each_box_once(own, monkeypatch):
    monkeypatch.setattr(secret_boxes, "AT_ONCE", 3)
    seeds = await make_seeds(8)
    set_to(NEW, own)
    await call(secret_rotations.rotate_master, SYSTEM)
    counts = await asyncio.wait_for(asyncio.gather(job.walk(), job.walk()), 60)
    assert sum(counts) == 8
    assert await opened(seeds) == seeds


async def test_what_somebody_changed_meanwhile_stays_as_they_left_it(own):
    world = await make_world()
    set_to(NEW, own)
    await call(secret_rotations.rotate_master, SYSTEM)
    column = next(one for one in secret_boxes.COLUMNS if one.table == "webhook_endpoints")
    rows = await call(secret_boxes.older, SYSTEM, column, None)
    done, broken = secret_boxes.sealed_again(column, rows)
    fresh = webhook_secrets.seal(world.endpoint_id, "secret_box", "whsec_bmV3")
    async with transaction(EVERYONE) as session:
        await session.execute(update(WebhookEndpoint).values(secret_box=fresh))
    assert await call(secret_boxes.keep, SYSTEM, column, done) == 0
    async with transaction(EVERYONE) as session:
        assert webhook_secrets.signing_keys(await session.get_one(WebhookEndpoint, world.endpoint_id)) == (b"new",)
    assert broken == []


async def test_a_box_that_cannot_be_opened_is_named_and_keeps_nothing_from_the_others(own, caplog):
    seeds = await make_seeds(3)
    bad = next(iter(seeds))
    async with transaction(EVERYONE) as session:
        await session.execute(update(Member).where(Member.id == bad).values(totp_secret_box=b"\x01" + bytes(60)))
    set_to(NEW, own)
    await call(secret_rotations.rotate_master, SYSTEM)
    assert await job.walk() == 2
    assert str(bad) in str([record.__dict__.get("ids") for record in caplog.records])
    with pytest.raises(Conflict, match="Authenticator apps 1"):
        await call(secret_rotations.retire_master, SYSTEM)


async def test_health_and_list_show_how_far_it_is(own, capsys):
    async def part():
        found = await health.parts(SYSTEM)
        return next((one.status, one.detail) for one in found if one.name == "Secrets")

    await make_seeds(2)
    assert await part() == (PartStatus.OK, f"master secret {name_of(own)} opens everything")
    set_to(NEW, own)
    await call(secret_rotations.rotate_master, SYSTEM)
    status, said = await part()
    assert (status, "Authenticator apps 2" in said) == (PartStatus.DEGRADED, True)
    await command.reseal()
    assert (await part())[0] == PartStatus.OK
    capsys.readouterr()
    await command.show()
    said = capsys.readouterr().out
    assert f"master secret {name_of(NEW)} opens every root" in said
    assert f"{name_of(own)} opens 4 roots, too" in said
    assert "stays for good" in said


@pytest.fixture
def own_file(own, tmp_path):
    """The demo's own secret, as `backoffice up` keeps it; the settings name its file."""
    file = master_secret.SecretFile(tmp_path)
    path = file.made()
    path.write_text(own)
    return file


async def test_the_demo_makes_and_keeps_its_new_secret_itself(own, own_file):
    seeds = await make_seeds(2)
    await command.rotate_master()
    new = own_file.path.read_text()
    assert (own_file.before.read_text(), new != own) == (own, True)
    assert own_file.path.stat().st_mode & 0o777 == 0o600
    set_to(new)  # started anew
    assert await opened(seeds) == seeds
    await call(secret_rotations.rotate_pepper, SYSTEM)
    await command.retire_master()
    assert not own_file.before.exists()
    assert await opened(seeds) == seeds
    assert await master_id() == name_of(new)


async def test_a_demo_killed_between_its_database_and_its_file_can_begin_again(own, own_file):
    seeds = await make_seeds(1)
    await call(secret_rotations.rotate_master, SYSTEM)  # and no `turn_file`
    roots.begin_anew()
    assert await opened(seeds) == seeds
    await command.rotate_master()
    new = own_file.path.read_text()
    assert {path.name for path in own_file.path.parent.iterdir()} >= {"secret_key", "secret_key_previous"}
    assert not (own_file.path.parent / master_secret.NEXT).exists()
    set_to(new)
    await command.retire_master()
    assert await opened(seeds) == seeds
