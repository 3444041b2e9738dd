"""Exports of the sealed log: who may have them, what each holds, and every way in which somebody could cheat."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from backoffice.adapters import signing
from backoffice.adapters.audit_proofs import Proofreader
from backoffice.adapters.canonical import canonical
from backoffice.adapters.merkle import leaf_hash, tree
from backoffice.adapters.signed_notes import Checkpoint
from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.services import audit, audit_files
from backoffice.services.access import Actor
from backoffice.services.audit_files import Scope
from tests.servers import ROOT
from tests.services.review_cast import SYSTEM, make_cast, member
from tests.services.test_audit_seals import EVERYONE, leaves, seal_all, write

pytestmark = pytest.mark.usefixtures("database")
KEY = signing.log_key


async def exported(actor: Actor = SYSTEM, **asked) -> list[bytes]:
    scope = Scope(**asked)
    async with transaction(actor.tenancy) as session:
        head = await audit_files.begin(session, actor, scope)
    async with transaction(actor.tenancy) as session:
        return [line async for line in audit_files.lines(session, actor, scope, head)]


def checked(lines, *kept):
    reader = Proofreader(KEY(), kept=kept)
    for line in lines:
        reader.take_line(line)
    return reader.finish()


def kinds(lines, kind):
    return [item for item in map(json.loads, lines) if item["type"] == kind]


def place(lines, kind, number=0):
    return [index for index, line in enumerate(lines) if json.loads(line)["type"] == kind][number]


def changed(line, **values):
    return canonical(json.loads(line) | values) + b"\n"


async def log_of(number=12):
    """Write, seal, keep the head, write more: the least that can be cheated with."""
    await write(number)
    head = audit_files.signed(await seal_all())
    await write(number)
    await seal_all()
    return await exported(), head


async def own(cast, actor, number=3):
    async with transaction(EVERYONE) as session:
        for _ in range(number):
            await audit.record(session, actor, "document.created", partner_id=cast.partner.id)


async def test_nobody_takes_the_log_along_who_may_not_read_it():
    acme = await make_cast()
    await write()
    await seal_all()
    for role in (Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST, Role.REVIEWER, Role.REVIEW_LEAD):
        person = await member(acme, role)
        async with transaction(person.tenancy) as session:
            with pytest.raises(NotAllowed):
                await audit_files.begin(session, person, Scope())


async def test_a_partner_gets_its_own_entries_and_the_hashes_around_them():
    acme, rival = await make_cast(), await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    for _ in range(3):
        await own(acme, admin)
        await own(rival, rival.api, 5)
    await seal_all()
    lines = await exported(admin)
    report = checked(lines)
    assert report.problems == []
    assert {item["entry"]["partner_id"] for item in kinds(lines, "entry")} == {str(acme.partner.id)}
    assert report.entries >= 9
    assert report.entries + report.withheld + report.left_out == report.size
    assert str(rival.partner.id).encode() not in b"".join(lines)
    assert json.loads(lines[0])["partner"] == public_id(Prefix.PARTNER, acme.partner.id)


async def test_our_people_stay_unnamed_and_are_proved_by_their_hash():
    acme = await make_cast()
    admin, operator = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.OPERATOR, name="Olga Ops")
    await own(acme, operator, 2)
    await seal_all()
    lines = await exported(admin)
    report = checked(lines)
    assert (report.problems, report.withheld) == ([], 2)
    assert b"Olga" not in b"".join(lines)
    assert str(operator.id).encode() not in b"".join(lines)


async def test_an_auditor_gets_everything_and_taking_it_is_written_down():
    acme = await make_cast()
    auditor = await member(acme, Role.AUDITOR)
    await own(acme, acme.api)
    await seal_all()
    report = checked(await exported(auditor))
    assert (report.problems, report.left_out, report.withheld) == ([], 0, 0)
    assert report.entries == report.size
    async with transaction(EVERYONE) as session:
        told = select(AuditEntry.action).where(AuditEntry.actor_id == auditor.id)
        assert list((await session.execute(told)).scalars()) == ["audit.exported"]


async def test_days_narrow_what_is_there():
    await write(2)
    start = now()
    await write(3)
    end = now()
    await write(2)
    await seal_all()
    lines = await exported(start=start, end=end)
    report = checked(lines)
    assert report.problems == []
    assert len([one for one in kinds(lines, "entry") if one["entry"]["action"] == "test.done"]) == 3
    assert report.entries + report.left_out == report.size
    report = checked(await exported(start=now() + timedelta(days=1)))
    assert (report.problems, report.entries) == ([], 0)


async def test_a_checkpoint_of_another_log_is_refused():
    await write()
    await seal_all()
    with pytest.raises(Invalid):
        await exported(since=2**50)


async def test_an_export_is_proved_against_a_checkpoint_that_somebody_kept():
    lines, kept = await log_of()
    assert checked(lines, kept).problems == []
    acme = await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    await own(acme, admin)
    await seal_all()
    assert checked(await exported(admin, since=kept.size), kept).problems == []


async def test_an_altered_entry_is_found():
    lines, kept = await log_of()
    at = place(lines, "entry", -3)
    item = json.loads(lines[at])
    lines[at] = changed(lines[at], entry=item["entry"] | {"result": "denied"})
    report = checked(lines, kept)
    assert report.first_bad == item["index"] + 1
    assert f"Entry {item['index'] + 1:,} " in report.problems[0]
    assert "altered" in report.problems[0]


async def test_an_altered_entry_with_a_new_hash_is_found_between_two_checkpoints():
    lines, kept = await log_of()
    at = next(n for n, line in enumerate(lines) if json.loads(line).get("index") == kept.size - 2)
    entry = json.loads(lines[at])["entry"] | {"result": "denied"}
    lines[at] = changed(lines[at], entry=entry, leaf=json.loads(packed(entry)))
    report = checked(lines, kept)
    assert any("your checkpoint" in words for words in report.problems)
    assert report.first_bad <= kept.size - 1


def packed(entry):
    from backoffice.adapters.audit_proofs import packed

    return json.dumps(packed(leaf_hash(canonical(entry))))


async def test_a_deleted_entry_is_found():
    lines, kept = await log_of()
    at = place(lines, "entry", -3)
    index = json.loads(lines[at])["index"]
    del lines[at]
    report = checked(lines, kept)
    assert report.first_bad == index + 1
    assert "deleted" in report.problems[0]


async def test_a_deleted_entry_with_new_numbers_is_found():
    lines, kept = await log_of()
    del lines[place(lines, "entry", 1)]
    for at, line in enumerate(lines):
        item = json.loads(line)
        if item.get("index", 0) > 1:
            lines[at] = changed(line, index=item["index"] - 1)
    report = checked(lines, kept)
    assert any("are not those of" in words for words in report.problems)


async def test_reordered_entries_are_found():
    lines, kept = await log_of()
    one, other = place(lines, "entry", -4), place(lines, "entry", -3)
    lines[one], lines[other] = lines[other], lines[one]
    report = checked(lines, kept)
    assert any("reordered" in words for words in report.problems)


async def test_reordered_entries_with_new_numbers_are_found():
    lines, kept = await log_of()
    one, other = place(lines, "entry", -4), place(lines, "entry", -3)
    first, second = json.loads(lines[one]), json.loads(lines[other])
    lines[one] = changed(lines[other], index=first["index"])
    lines[other] = changed(canonical(first), index=second["index"])
    report = checked(lines, kept)
    assert any("reordered" in words for words in report.problems)


async def test_a_file_that_was_cut_off_is_found():
    lines, kept = await log_of()
    assert any("truncated" in words for words in checked(lines[:-4], kept).problems)
    assert any("cut off" in words for words in checked(lines[1:], kept).problems)
    assert not checked([], kept).is_good


async def test_a_log_that_was_cut_off_and_signed_again_is_found():
    """Who holds the database and the key can sign a shorter log, but not take back what somebody kept."""
    await write(4)
    await seal_all()
    lines = await exported()
    await write(2)
    later = audit_files.signed(await seal_all())
    report = checked(lines, later)
    assert any("truncated" in words for words in report.problems)


async def test_a_fork_of_the_same_size_is_found():
    lines, _ = await log_of()
    head = KEY().checkpoint(json.loads(lines[0])["checkpoint"])
    forged = Checkpoint(head.origin, head.size, tree([leaf_hash(b"x"), *(await leaves())[1:]]).root())
    assert any("fork" in words for words in checked(lines, forged).problems)


async def test_a_fork_is_found_in_an_export_with_gaps():
    acme = await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    await own(acme, admin)
    kept = audit_files.signed(await seal_all())
    await own(acme, admin)
    await seal_all()
    forged = Checkpoint(kept.origin, kept.size, leaf_hash(b"another past"))
    assert any("fork" in words for words in checked(await exported(admin, since=kept.size), forged).problems)


async def test_an_entry_cannot_be_hidden_in_a_gap_of_an_export_of_everything():
    lines, kept = await log_of()
    at = place(lines, "entry", -3)
    item = json.loads(lines[at])
    gap = {"type": "gap", "from": item["index"], "to": item["index"] + 1, "nodes": [item["leaf"]]}
    lines[at] = canonical(gap) + b"\n"
    report = checked(lines, kept)
    assert report.first_bad == item["index"] + 1


async def test_what_was_written_into_the_file_afterwards_is_found():
    lines, _ = await log_of()
    lines[0] = changed(lines[0], made_at="2020-01-01T00:00:00.000000Z")
    assert any("lines of it were changed" in words for words in checked(lines).problems)
    assert any("after the end" in words for words in checked([*lines, lines[1]]).problems)
    lines[-1] = changed(lines[-1], entries=1)
    assert any("last line" in words for words in checked(lines).problems)


@pytest.mark.parametrize(
    "junk", [b"x\n", b"[]\n", b"{}\n", b'{"type":"entry"}\n', b'{"type":"gap","from":0,"to":-1}\n']
)
async def test_junk_is_a_finding_and_not_a_crash(junk):
    lines, _ = await log_of(2)
    assert not checked([lines[0], junk, *lines[1:]]).is_good
    assert not checked([junk]).is_good


async def test_an_owner_of_the_database_who_rewrites_history_is_found(servers):
    """Past every trigger, as replication would be: an entry altered, another one deleted."""
    ids = await write(6)
    kept = audit_files.signed(await seal_all())
    url = servers.url("backoffice_owner").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        for change in (
            "alter table audit_entries disable trigger user",
            f"create temp table kept as select * from audit_entries where id = '{ids[4]}'",
            f"update audit_entries set result = 'denied' where id = '{ids[2]}'",
            f"delete from audit_entries where id = '{ids[4]}'",
        ):
            owner.execute(change)
        try:
            report = checked(await exported(), kept)
        finally:
            owner.execute(f"update audit_entries set result = 'ok' where id = '{ids[2]}'")
            owner.execute("insert into audit_entries overriding system value select * from kept")
            owner.execute("alter table audit_entries enable trigger user")
    assert any("altered" in words for words in report.problems)
    assert any("deleted" in words for words in report.problems)


def backoffice(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")}
    return subprocess.run(
        [sys.executable, "-c", "from backoffice.cli import main; main()", *words],
        cwd=ROOT,
        env=clean | {"PYTHONPATH": str(ROOT), "COLUMNS": "300"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_command_exports_and_a_laptop_verifies(servers, tmp_path: Path):
    await write(3)
    kept = await seal_all()
    file, checkpoint = tmp_path / "log.jsonl", tmp_path / "kept.txt"
    checkpoint.write_text(kept.note)
    made = backoffice("audit", "export", str(file), "--checkpoint", str(checkpoint), **servers.environment())
    assert made.returncode == 0, made.stderr
    broken = {"BACKOFFICE_PORT": "no port", "BACKOFFICE_SECRET_KEY": "short"}
    key = f"{file}.key"
    good = backoffice("audit", "verify", str(file), "--public-key", key, "--checkpoint", str(checkpoint), **broken)
    assert (good.returncode, "NOT" in good.stdout) == (0, False), good.stdout + good.stderr
    assert "VERIFIED" in good.stdout
    assert "goes on from the checkpoint" in good.stdout
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: len(lines) // 2]))
    bad = backoffice("audit", "verify", str(file), "--public-key", Path(key).read_text().strip(), **broken)
    assert bad.returncode == 1
    assert "truncated" in bad.stdout
    assert "NOT VERIFIED" in bad.stdout
    assert backoffice("audit", "verify", str(file), "--public-key", "nonsense").returncode == 1
