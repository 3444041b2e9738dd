"""Passwords that were stolen elsewhere: the shipped half million, and a download that is searched where it lies."""

import hashlib
import random
import unicodedata
from uuid import uuid4

import psutil
import pytest

from backoffice.adapters import pwned_passwords
from backoffice.adapters.pwned_passwords import LONGEST_LINE, PwnedPasswords
from backoffice.commands import password_lists, runtime
from backoffice.commands.console import Stop
from backoffice.commands.doctor import _passwords
from backoffice.db import transaction
from backoffice.errors import Invalid, Unavailable
from backoffice.models.members import Role
from backoffice.services import (
    breached_passwords,
    invitations,
    invitees,
    members,
    password_changes,
    password_resets,
    passwords,
    setting_risks,
    sign_in,
)
from backoffice.settings import ROOT, Settings, SettingsError, settings
from tests.services.people import PASSWORD, SYSTEM, actor_of, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")
STOLEN = "Heron.Ladder.Mist.42"
FINE = "seven quiet otters swim"
SHIPPED = ("perasperaadastra", "katherin", "gilligan", "qwertyuiopasdfg", "g00dPa$$w0rD")


def line(password, seen=3):
    return f"{hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()}:{seen}"


def lines(words, ends="\r\n"):
    return "".join(one + ends for one in sorted(line(word, len(word)) for word in words)).encode()


@pytest.fixture
def download(tmp_path, monkeypatch):
    """An installation with a download; answers what writes another one in its place."""
    path = tmp_path / "pwned.txt"
    path.write_bytes(lines([STOLEN, *(f"word {number}" for number in range(5_000))]))
    monkeypatch.setenv("BACKOFFICE_BREACHED_PASSWORDS", str(path))
    settings.cache_clear()
    yield path
    settings.cache_clear()


def test_half_a_million_are_shipped_in_order_and_small():
    kept = breached_passwords.LIST.read_bytes()
    prints = [
        kept[at : at + breached_passwords.PRINT_BYTES] for at in range(0, len(kept), breached_passwords.PRINT_BYTES)
    ]
    assert prints == sorted(set(prints))
    assert len(prints) > 470_000
    assert len(kept) < 3_000_000


@pytest.mark.parametrize("password", SHIPPED)
def test_a_shipped_one_is_refused_however_it_is_written(password):
    for one in (password, password.upper(), f"{password}!", f"!!{password}"):
        with pytest.raises(Invalid) as caught:
            passwords.check_policy(one, has_second_factor=True)
        assert caught.value.code == "password_common", one


def test_nearly_nothing_is_refused_by_chance():
    made = random.Random(4)
    words = ["".join(made.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20)) for _ in range(20_000)]
    assert [word for word in words if breached_passwords.is_shipped(word)] == []


@pytest.mark.parametrize("count", [1, 2, 3, 500])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_line_of_a_download_is_found_and_nothing_between(tmp_path, count, ends):
    words = [f"word {number}" for number in range(count)]
    path = tmp_path / "pwned.txt"
    whole = lines(words, ends)
    for data in (whole, whole.removesuffix(ends.encode()), whole.lower()):
        path.write_bytes(data)
        known = PwnedPasswords(path)
        assert known.fault() == ""
        assert known.count() == count
        assert all(known.holds(word) for word in words)
        assert not any(known.holds(f"other {number}") for number in range(200))


def test_a_file_that_is_long_is_searched_in_few_short_reads(tmp_path):
    path = tmp_path / "pwned.txt"
    with path.open("wb") as file:
        file.writelines(b"%040X:7\r\n" % (number * (16**40 // 300_000)) for number in range(300_000))
    known = PwnedPasswords(path)
    assert abs(known.estimate() - 300_000) < 300
    before = psutil.Process().io_counters()
    assert not any(known.holds(f"nobody {number}") for number in range(100))
    after = psutil.Process().io_counters()
    assert (after.read_chars - before.read_chars) / 100 < 40 * 2 * LONGEST_LINE + 10_000


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"password\r\n", "no line"),
        (b"x" * 5_000, "no line"),
        (lines(["a", "b", "c"]) + lines(["a", "b", "c"]), "out of order"),
        (b"\n".join(reversed(lines([str(number) for number in range(900)]).splitlines())), "out of order"),
        (lines(["a", "b"]) + b"\r\n", "no line"),
        (None, "cannot be read"),
    ],
)
async def test_a_damaged_file_is_said_and_no_password_is_taken_instead(tmp_path, monkeypatch, data, said):
    path = tmp_path / "pwned.txt"
    if data is not None:
        path.write_bytes(data)
    monkeypatch.setenv("BACKOFFICE_BREACHED_PASSWORDS", str(path))
    settings.cache_clear()
    with pytest.raises(SettingsError, match=f"BACKOFFICE_BREACHED_PASSWORDS is not usable: .*{said}"):
        runtime.check_secrets()
    assert said in _passwords().says
    [risk] = [one for one in setting_risks.of(settings()) if one.variable.endswith("BREACHED_PASSWORDS")]
    assert risk.is_grave
    with pytest.raises(Stop, match=said):
        password_lists.check(None, is_whole=False)
    with pytest.raises(Unavailable, match="right now"):
        for number in range(300):
            await passwords.admit(f"{FINE} {number}", has_second_factor=False)
    settings.cache_clear()


@pytest.mark.parametrize("part", [slice(None, 2_500), slice(2_500, None), slice(None, 4_800)])
async def test_a_part_of_a_download_takes_no_password(download, part):
    download.write_bytes(b"".join(download.read_bytes().splitlines(keepends=True)[part]))
    with pytest.raises(SettingsError, match="it is not whole"):
        runtime.check_secrets()
    for is_whole in (False, True):
        with pytest.raises(Stop, match="it is not whole"):
            password_lists.check(None, is_whole=is_whole)
    assert "it is not whole" in _passwords().says
    with pytest.raises(Unavailable, match="right now"):
        await passwords.admit(FINE, has_second_factor=False)


async def test_an_emptied_download_takes_no_password(download):
    await passwords.admit(FINE, has_second_factor=False)
    download.write_bytes(b"")
    with pytest.raises(Unavailable, match="right now"):
        await passwords.admit(FINE, has_second_factor=False)
    with pytest.raises(Stop, match="it is empty"):
        password_lists.check(None, is_whole=True)


def test_a_file_in_order_is_counted(download, capsys):
    password_lists.check(None, is_whole=True)
    password_lists.check(download, is_whole=False)
    said = capsys.readouterr().out
    assert "5,001 passwords, every line in order" in said
    assert "about 5,0" in said
    runtime.check_secrets()
    assert _passwords().is_good


def test_a_start_and_a_page_wait_for_few_reads_only(download, monkeypatch):
    reads = []
    real = pwned_passwords._line
    monkeypatch.setattr(pwned_passwords, "_line", lambda *given: reads.append(1) or real(*given))
    for look in (runtime.check_secrets, lambda: setting_risks.of(settings())):
        reads.clear()
        look()
        assert 0 < len(reads) < 60
    reads.clear()
    assert _passwords().is_good
    assert len(reads) > 1_900


def test_one_line_among_thousands_that_is_out_of_order_is_found_by_reading_all(download):
    kept = download.read_bytes().splitlines(keepends=True)
    kept[2_000], kept[2_001] = kept[2_001], kept[2_000]
    download.write_bytes(b"".join(kept))
    with pytest.raises(Stop, match="line 2,002 is out of order"):
        password_lists.check(None, is_whole=True)


def test_without_a_file_only_the_shipped_list_counts(monkeypatch, capsys):
    monkeypatch.delenv("BACKOFFICE_BREACHED_PASSWORDS", raising=False)
    settings.cache_clear()
    assert not breached_passwords.is_in_download(STOLEN)
    with pytest.raises(Stop, match="BACKOFFICE_BREACHED_PASSWORDS"):
        password_lists.check(None, is_whole=False)
    password_lists.look_up(SHIPPED[0])
    password_lists.look_up(STOLEN)
    assert capsys.readouterr().out.splitlines() == ["It is listed, and would be refused.", "It is on no list."]


def test_a_relative_path_lies_in_the_checkout(monkeypatch):
    monkeypatch.setenv("BACKOFFICE_BREACHED_PASSWORDS", "pwned.txt")
    assert Settings().breached_passwords == ROOT / "pwned.txt"


async def refused(setting):
    with pytest.raises(Invalid, match="stolen elsewhere") as caught:
        await setting
    assert caught.value.code == "password_breached"


async def test_every_way_to_set_a_password_refuses_what_is_in_the_download(download):
    admin = await make_person(Role.PARTNER_ADMIN)
    person = await make_person(Role.PARTNER_ANALYST, admin.partner_id)
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    await refused(password_changes.change(step.actor, PASSWORD, STOLEN, visitor()))
    async with transaction(SYSTEM.tenancy) as session:
        link = await password_resets.link_of(session, SYSTEM, person.email)
    await refused(password_resets.choose(link.rpartition("/")[2], STOLEN, visitor()))
    async with transaction(actor_of(admin).tenancy) as session:
        email = f"{uuid4().hex}@test.example"
        _, invited = await invitees.invite(session, actor_of(admin), email=email, name="Zoe", role=Role.PARTNER_ANALYST)
    await refused(invitations.accept(invited.rpartition("/")[2], STOLEN, "", visitor()))
    async with transaction(SYSTEM.tenancy) as session:
        made = {"email": f"z{email}", "name": "Z", "role": Role.PARTNER_ANALYST, "partner_id": admin.partner_id}
        await refused(members.create(session, SYSTEM, **made, password=STOLEN))
    await password_resets.choose(link.rpartition("/")[2], FINE, visitor())


async def test_a_password_is_looked_up_as_it_is_written_and_as_it_is_kept(download):
    written = "A\u030asa drinks coffee"
    for stolen in (written, unicodedata.normalize("NFKC", written)):
        download.write_bytes(lines([stolen]))
        await refused(passwords.admit(written, has_second_factor=False))
    await passwords.admit("Asa drinks coffee", has_second_factor=False)
