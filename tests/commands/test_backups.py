"""The restore drill, with a real PostgreSQL: backup, change, restore, and nobody comes back who was erased."""

import fcntl
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backoffice.adapters import archives, embedded_backup
from backoffice.adapters.embedded import embedded_postgres
from backoffice.errors import Invalid

pytestmark = pytest.mark.timeout(420)
ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret of forty letters, for this drill"


class Installation:
    """A data folder with commands that run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = folder.parent / "backup.key"
        self.sealed = folder.parent / "sealed.age"
        self.recipient = ""
        self.known: dict[str, Any] = {}
        self.before: dict[str, Any] = {}

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")}
        settings = {"data_dir": str(self.folder), "demo": "1", "secret_key": SECRET, **more}
        environment |= {f"BACKOFFICE_{name.upper()}": value for name, value in settings.items()}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False
        )

    def backoffice(self, *arguments: str, **more: str) -> str:
        done = self.run(str(Path(sys.executable).with_name("backoffice")), *arguments, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str) -> str:
        done = self.run(str(Path(sys.executable).with_name("backoffice")), *arguments)
        assert done.returncode != 0
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr

    def drill(self, *arguments: str) -> dict[str, Any]:
        with embedded_postgres(self.folder) as urls:
            known = {"database_url": urls.app, "database_owner_url": urls.owner, "redis_url": "redis://127.0.0.1:1"}
            known |= {"keystore_url": urls.keys.app, "keystore_owner_url": urls.keys.owner}
            if arguments[0] == "begin":
                self.backoffice("migrate", **known)
            done = self.run(sys.executable, "-m", "tests.commands.drill", *arguments, **known)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with two people in it, and a backup of it beside it."""
    place = tmp_path_factory.mktemp("drill")
    (place / "data").mkdir(mode=0o700)
    made = Installation(place / "data")
    made.recipient = made.backoffice("backup-key", str(made.key)).strip()
    made.known = made.drill("begin")
    made.before = made.drill("look")
    made.backoffice("backup", str(made.sealed), "--recipient", made.recipient)
    return made


def contents(path: Path, key: Path) -> dict[str, bytes]:
    held: dict[str, bytes] = {}

    def take(tar: tarfile.TarFile) -> None:
        for member in tar:
            source = tar.extractfile(member)
            held[member.name] = source.read() if source else b""

    with path.open("rb") as file:
        archives.open_from(file, key.read_text(), take)
    return held


def test_backup_change_restore_and_who_was_erased_stays_erased(installation: Installation):
    known, sealed = installation.known, installation.sealed
    assert installation.before["people"] == {known["stays"]: True, known["leaves"]: True}
    assert sealed.stat().st_mode & 0o077 == 0
    assert not [path for path in sealed.parent.iterdir() if path.name.startswith(f".{sealed.name}")]
    assert not list(installation.folder.glob(".backup-*"))

    installation.drill("erase", known["partner"], known["leaves"])
    late = installation.drill("late", known["partner"])["late"]
    changed = installation.drill("look")
    assert changed["people"] == {known["stays"]: True, known["leaves"]: False, late: True}
    said = installation.backoffice("restore", str(sealed), "--key", str(installation.key))
    assert "before-restore-" in said

    after = installation.drill("look")
    assert after["people"] == {known["stays"]: True, known["leaves"]: False}
    assert after["signed_in"] == 0
    assert after["audit"] > installation.before["audit"]
    (kept,) = installation.folder.glob("before-restore-*")
    assert (kept / "postgres" / "PG_VERSION").is_file()
    assert (installation.folder / "documents" / "ledger" / "erasures" / f"{hexed(known['leaves'])}.json").is_file()
    installation.drill("late", known["partner"])


def hexed(text: str) -> str:
    return text.replace("-", "")


def test_backup_holds_what_a_new_machine_needs_and_nothing_that_it_makes_itself(installation: Installation):
    names = contents(installation.sealed, installation.key)
    assert {"postgres/base.tar", "postgres/pg_wal.tar", "data/keys/kek.json", "manifest.json"} <= names.keys()
    assert not [name for name in names if name.startswith(("data/before-restore", "data/logs", "data/postgres"))]
    assert f"data/documents/drill/{hexed(installation.known['stays'])}" in names


def test_key_is_private_and_never_written_over(installation: Installation):
    assert installation.key.stat().st_mode & 0o077 == 0
    assert "is there already" in installation.refused("backup-key", str(installation.key))


def test_nothing_of_a_backup_is_readable_without_its_key(installation: Installation):
    sealed = installation.sealed
    raw = sealed.read_bytes()
    assert b"Drill Bank" not in raw
    assert b"kek-" not in raw
    other = installation.folder.parent / "other.key"
    installation.backoffice("backup-key", str(other))
    assert "another one's" in installation.refused("restore", str(sealed), "--key", str(other))


def kept(folder: Path) -> list[str]:
    """Name what an installation is made of; locks and the folder of sockets come with whoever asks first."""
    return sorted(path.name for path in folder.iterdir() if path.name not in {".up.lock", ".backup.lock", "run"})


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "words"])
def test_damaged_backup_is_refused_and_nothing_is_touched(installation: Installation, damage: str):
    raw = installation.sealed.read_bytes()
    broken = installation.folder.parent / f"{damage}.age"
    made: dict[str, Callable[[], bytes]] = {
        "cut": lambda: raw[: len(raw) // 2],
        "flipped": lambda: raw[:-2000] + bytes([raw[-2000] ^ 1]) + raw[-1999:],
        "empty": lambda: b"",
        "words": lambda: b"This is a letter to my grandmother.",
    }
    broken.write_bytes(made[damage]())
    before = kept(installation.folder)
    assert "cannot be opened" in installation.refused("restore", str(broken), "--key", str(installation.key))
    assert kept(installation.folder) == before


@pytest.mark.parametrize(
    ("name", "kind"),
    [("data/link", tarfile.SYMTYPE), ("data/hard", tarfile.LNKTYPE), ("../out", tarfile.REGTYPE)],
)
def test_archive_that_reaches_out_of_its_folder_is_refused(installation: Installation, name: str, kind: bytes):
    recipient = archives.checked_identity(installation.key.read_text()).to_public()
    evil = installation.folder.parent / "evil.age"

    def fill(tar: tarfile.TarFile) -> None:
        link = tarfile.TarInfo(name)
        link.type, link.linkname = kind, "" if kind == tarfile.REGTYPE else "/etc/passwd"
        tar.addfile(link)

    with evil.open("wb") as file:
        archives.close_into(file, str(recipient), fill)
    assert "no backup of ours" in installation.refused("restore", str(evil), "--key", str(installation.key))


def test_recipient_and_key_that_are_none_are_refused(installation: Installation):
    target = str(installation.folder.parent / "none.age")
    assert "age1" in installation.refused("backup", target, "--recipient", "somebody")
    wrong = installation.folder.parent / "wrong.key"
    wrong.write_text("# nothing\n")
    assert "holds no key" in installation.refused("restore", target, "--key", str(wrong))
    with pytest.raises(Invalid):
        archives.checked_identity("AGE-SECRET-KEY-NONE")


def test_half_restored_folder_is_not_opened_and_backups_do_not_lie_in_it(installation: Installation):
    mark = installation.folder / ".restoring"
    mark.write_text("before-restore-20261128-000000")
    try:
        for command in (
            ("up",),
            ("backup", str(installation.folder.parent / "x.age"), "--recipient", installation.recipient),
        ):
            assert "was not finished" in installation.refused(*command)
    finally:
        mark.unlink()
    inside = str(installation.folder / "x.age")
    assert "outside of it" in installation.refused("backup", inside, "--recipient", installation.recipient)


def test_two_at_once_wait_for_nobody(installation: Installation):
    with (installation.folder / ".backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = installation.refused("restore", str(installation.sealed), "--key", str(installation.key))
    assert "Another backup or restore" in said


def test_cluster_that_reaches_out_of_its_folder_is_refused(tmp_path: Path):
    with tarfile.open(tmp_path / "base.tar", "w") as tar:
        link = tarfile.TarInfo("passwd")
        link.type, link.linkname = tarfile.LNKTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(Invalid, match="no backup of ours"):
        embedded_backup.unpack_cluster(tmp_path, tmp_path, tmp_path / "draft")
