"""A copy of the embedded PostgreSQL, taken while it runs (`pg_basebackup`) and checked."""

import hashlib
import json
import os
import subprocess
import tarfile
from collections.abc import Collection
from pathlib import Path
from typing import IO

from backoffice.adapters.embedded_account import server_account
from backoffice.adapters.embedded_folders import PRIVATE, private_folder, socket_folder
from backoffice.adapters.embedded_postgres import ADMIN, MAJOR, NAME, PORT, programs
from backoffice.adapters.embedded_processes import ENVIRONMENT
from backoffice.errors import Invalid, Unavailable

PARTS = ("base.tar", "pg_wal.tar", "backup_manifest")


def copy_cluster(data_dir: Path, target: Path) -> None:
    """Copy the running cluster into an empty folder as `PARTS`, with the log that makes it whole, and check the copy.

    Raises Unavailable with what PostgreSQL said.
    """
    command = [str(programs() / "pg_basebackup"), "-h", str(socket_folder(data_dir)), "-p", str(PORT), "-U", ADMIN]
    command += ["-D", str(target), "-Ft", "-X", "stream", "--checkpoint=fast", "--manifest-checksums=SHA256"]
    _run(command, "PostgreSQL could not be copied")
    check_copy(target)


def check_copy(folder: Path) -> None:
    """Compare a copy with its own manifest, file by file (PostgreSQL 18, chapter 69: backup manifest format).

    As `pg_verifybackup` does, which crashes in the wheel. Raises Unavailable for what is missing or changed.
    """
    raw = (folder / "backup_manifest").read_bytes()
    stated = json.loads(raw)
    before, _, _ = raw.rpartition(b'"Manifest-Checksum"')
    wanted = {entry["Path"]: entry["Checksum"] for entry in stated["Files"]}
    if (
        hashlib.sha256(before).hexdigest() != stated["Manifest-Checksum"]
        or _digests(folder / "base.tar", wanted) != wanted
    ):
        raise Unavailable("The copy of PostgreSQL is not whole. Take another one.", code="backup_failed")


def _digests(path: Path, wanted: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    with tarfile.open(path) as tar:
        for member in tar:
            name, file = member.name.removeprefix("./"), tar.extractfile(member) if member.isfile() else None
            if file and name in wanted:
                found[name] = _sha256(file)
    return found


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while data := file.read(1 << 20):
        digest.update(data)
    return digest.hexdigest()


def _run(command: list[str], failed: str) -> None:
    done = subprocess.run(command, env=ENVIRONMENT, cwd="/", capture_output=True, text=True, check=False)  # noqa: S603 ours
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise Unavailable(f"{failed}: {lines[-1]}", code="backup_failed")


def unpack_cluster(copy: Path, data_dir: Path, draft: Path) -> None:
    """Make a cluster from a copy in a folder aside, ready to be renamed: half of one never starts.

    Raises Invalid for a copy of another major version, or one that reaches out of its folder.
    """
    cluster = data_dir.resolve() / NAME
    draft.mkdir(mode=PRIVATE)
    try:
        _unpack(copy / "base.tar", draft)
        _unpack(copy / "pg_wal.tar", draft / "pg_wal")
    except tarfile.FilterError:
        raise Invalid("This archive holds something that no backup of ours holds.") from None
    version = (draft / "PG_VERSION").read_text().strip()
    if version != MAJOR:
        raise Invalid(
            f"This backup is of PostgreSQL {version}, and this is {MAJOR}: restore it with the older product."
        )
    account = server_account(cluster)
    if account:
        for path in (draft, *draft.rglob("*")):
            os.chown(path, *account.ids, follow_symlinks=False)
    private_folder(draft, account)


def _unpack(path: Path, folder: Path) -> None:
    with tarfile.open(path) as tar:
        tar.extractall(folder, filter="data")
