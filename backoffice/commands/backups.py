"""Backup and restore of an installation with the embedded PostgreSQL: one sealed file holds database, files and keys.

The database is copied first: a file is written before the row that names it, so every row of the copy finds its file.
"""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import tarfile
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from backoffice import clock
from backoffice.adapters import archives, embedded_backup, groups, key_store, kms, storage
from backoffice.adapters.embedded import embedded_postgres, embedded_valkey, stop_postgres, stop_valkey
from backoffice.adapters.embedded_postgres import MAJOR, NAME
from backoffice.adapters.key_store import Apart
from backoffice.commands import processes, runtime
from backoffice.commands.console import out, step, stop
from backoffice.commands.places import ROOT, data_dir, write_private
from backoffice.db import transaction
from backoffice.errors import Invalid
from backoffice.jobs import data_keys, erasures
from backoffice.services import invitations, password_changes, sessions
from backoffice.services.access import Actor
from backoffice.settings import child_environment, settings

FORMAT = 1
MANIFEST, CLUSTER, FILES = "manifest.json", "postgres", "data"
LEFT_OUT = frozenset({NAME, "valkey", "run", "logs", "runtime.json"})
"""What is no part of a backup: the cluster goes in as a copy, and the rest is made anew by every start."""
UNPACKED = "unpacked"
ASIDE = "before-restore"
LEDGER = Path("documents") / "ledger"
ACTOR = Actor.system(name="restore")


def make_key(path: Path) -> None:
    """Write a key that opens backups into a file, and print its public half, which only makes them."""
    if path.exists():
        stop(f"{path} is there already. A key that is overwritten opens no backup any more.")
    identity, recipient = archives.new_identity()
    write_private(path, f"# Opens backups. Keep it away from this machine.\n# recipient: {recipient}\n{identity}\n")
    out.print(recipient, soft_wrap=True)


def backup(target: Path, recipient: str) -> None:
    """Write a sealed backup; the product may run meanwhile."""
    archives.checked_recipient(recipient)
    folder = data_dir()
    if target.resolve().is_relative_to(folder.resolve()):
        stop("A backup in the data folder would be part of the next one. Name a place outside of it.")
    if not (folder / NAME).is_dir():
        stop("There is no embedded PostgreSQL in this data folder. For a server of your own see docs/operating.md.")
    runtime.refuse_half_restored(folder)
    with _unwound(), _turn(folder), _draft(target) as (draft, file), _workspace(folder) as copy:
        with step("Copy of the database, checked"), embedded_postgres(folder):
            embedded_backup.copy_cluster(folder, copy)
        with step("Files and keys, sealed"):
            archives.close_into(file, recipient, lambda tar: _fill(tar, copy, folder))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    out.print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    _warn_of_what_is_elsewhere(folder)


def _warn_of_what_is_elsewhere(folder: Path) -> None:
    own = settings()
    for region in own.regions[1:]:
        for what, place in (("files", storage.folder_of(region)), ("key", kms.path_of(region))):
            if place is None or not place.is_relative_to(folder.resolve()):
                out.print(f"[yellow]Not in it:[/yellow] the {what} of the region {region}; keep a copy in that region.")
    if own.keystore_url is not None and key_store.apart(own) is Apart.SERVER:
        out.print("[yellow]Not in it:[/yellow] the key store; back it up apart, or nobody's data open after its loss.")
    if own.storage_url is not None:
        out.print("[yellow]Not in it:[/yellow] the document storage; keep versions of its objects there.")
    if own.kek_url:
        out.print("[yellow]Not in it:[/yellow] the key of BACKOFFICE_KEK_URL; without it the data stay sealed.")
    if not (folder / "keys").is_dir() or not own.demo:
        out.print("[yellow]Not in it:[/yellow] BACKOFFICE_SECRET_KEY; without it nobody signs in.")


@contextmanager
def _unwound() -> Generator[None]:
    """Let a polite signal take away what is half done."""
    before = signal.signal(signal.SIGTERM, lambda *_: stop("Stopped."))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _turn(folder: Path) -> Generator[None]:
    """Let one backup or restore work at a time, and take away what a killed one left: it holds data in clear."""
    with (folder / ".backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stop("Another backup or restore works on this data folder. Try again when it is done.")
        for left in folder.glob(".backup-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


@contextmanager
def _draft(target: Path) -> Generator[tuple[Path, BinaryIO]]:
    """Write beside the target and rename at the end, so that a stopped backup looks like none."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        stop(f"{target.parent} cannot be written ({error.strerror}).")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield draft, file
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _workspace(folder: Path) -> Generator[Path]:
    place = Path(tempfile.mkdtemp(prefix=".backup-", dir=folder))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _fill(tar: tarfile.TarFile, copy: Path, folder: Path) -> None:
    """Put everything in, and at the end the list of what is in it."""
    digests: dict[str, str] = {}
    for part in embedded_backup.PARTS:
        _add(tar, copy / part, f"{CLUSTER}/{part}", digests)
    for path in _files(folder):
        _add(tar, path, f"{FILES}/{path.relative_to(folder)}", digests)
    manifest = {
        "format": FORMAT,
        "made_at": clock.now().isoformat(timespec="seconds"),
        "postgresql": MAJOR,
        "sha256": digests,
    }
    _add_bytes(tar, MANIFEST, json.dumps(manifest).encode())


def _files(folder: Path) -> Iterator[Path]:
    for top in sorted(folder.iterdir()):
        if top.name in LEFT_OUT or top.name.startswith((".", ASIDE)):
            continue
        yield from (path for path in sorted([top, *top.rglob("*")]) if path.is_file() and not path.is_symlink())


class _Counted:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sha256 = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on, and count it."""
        data = self._file.read(size)
        self.sha256.update(data)
        return data


def _add(tar: tarfile.TarFile, path: Path, name: str, digests: dict[str, str]) -> None:
    """Add one file; one that was erased meanwhile is left out."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        info = tarfile.TarInfo(name)
        info.size, info.mode = os.fstat(file.fileno()).st_size, 0o600
        counted = _Counted(file)
        tar.addfile(info, cast("IO[bytes]", counted))
    digests[name] = counted.sha256.hexdigest()


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    with tempfile.SpooledTemporaryFile() as file:
        file.write(data)
        file.seek(0)
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o600
        tar.addfile(info, cast("IO[bytes]", file))


def restore(source: Path, key: Path) -> None:
    """Put a backup in the place of what is there, which is kept aside, and erase again whom it brought back."""
    folder = data_dir()
    identity = _read_key(key)
    archives.checked_identity(identity)
    with runtime.alone(folder), _unwound(), _turn(folder), _workspace(folder) as place:
        with step("Backup opened and checked"):
            manifest = _opened(source, identity, place)
            embedded_backup.check_copy(place / CLUSTER)
            embedded_backup.unpack_cluster(place / CLUSTER, folder, place / UNPACKED)
            _merge_ledgers(place, folder)
        stop_postgres(folder)
        stop_valkey(folder)
        kept = folder / f"{ASIDE}-{clock.now():%Y%m%d-%H%M%S}"
        write_private(folder / runtime.RESTORING, kept.name)
        try:
            with step("Put in place"):
                _move_aside(folder, kept)
                _put_back(place, folder)
            _finish(folder)
        except BaseException:
            out.print(
                f"[yellow]Not finished.[/yellow] What was here before is in {kept}; restore again, or move it back."
            )
            raise
        (folder / runtime.RESTORING).unlink()
    out.print(
        f"Restored as it was at {manifest['made_at']}. What was here before is in {kept.name}; delete it when sure."
    )


def _read_key(key: Path) -> str:
    try:
        return key.read_text()
    except OSError as error:
        stop(f"The key file {key} cannot be read ({error.strerror}).")


def _opened(source: Path, identity: str, place: Path) -> dict[str, Any]:
    """Unpack a backup and compare every file with its list.

    Raises Invalid for a damaged, cut or foreign one.
    """
    digests: dict[str, str] = {}

    def take(tar: tarfile.TarFile) -> None:
        for member in tar:
            digests[member.name] = _unpacked(tar, member, place)

    try:
        with source.open("rb") as file:
            archives.open_from(file, identity, take)
    except OSError as error:
        stop(f"{source} cannot be read ({error.strerror}).")
    if MANIFEST not in digests:
        raise Invalid("This is no backup of this product, or its end is missing.")
    manifest = json.loads((place / MANIFEST).read_text())
    if manifest["format"] != FORMAT:
        raise Invalid(f"This backup has the form {manifest['format']}, and this product reads {FORMAT}.")
    if manifest["sha256"] != {name: digest for name, digest in digests.items() if name != MANIFEST}:
        raise Invalid("This backup does not hold what its own list says. Take another one.")
    return manifest


def _unpacked(tar: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> str:
    """Write one file of an archive below a folder, never above it; answers its hash."""
    target = (place / member.name).resolve()
    source = tar.extractfile(member) if member.isfile() else None
    if source is None or not target.is_relative_to(place.resolve()):
        raise Invalid("This archive holds something that no backup of ours holds.")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    counted = _Counted(source)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(counted, file, 1 << 20)
    return counted.sha256.hexdigest()


def _merge_ledgers(place: Path, folder: Path) -> None:
    """Put into the backup's ledger whom this folder knows as erased, and every state that a restore kept aside."""
    for known in (folder, *folder.glob(f"{ASIDE}-*")):
        for ledger in _ledgers(folder):
            if (known / ledger).is_dir():
                shutil.copytree(known / ledger, place / FILES / ledger, dirs_exist_ok=True)


def _ledgers(folder: Path) -> list[Path]:
    """Name the ledgers of the regions whose files are in the data folder."""
    places = [found for region in settings().regions[1:] if (found := storage.folder_of(region))]
    within = [one.relative_to(folder.resolve()) for one in places if one.is_relative_to(folder.resolve())]
    return [LEDGER, *(one / "ledger" for one in within)]


def _move_aside(folder: Path, kept: Path) -> None:
    """Keep what is there; nothing is deleted by a restore."""
    kept.mkdir(mode=0o700)
    for top in list(folder.iterdir()):
        if not top.name.startswith((".", ASIDE)) and top.name not in {"run", "logs"}:
            top.rename(kept / top.name)


def _put_back(place: Path, folder: Path) -> None:
    """Put everything where it belongs, by renaming alone."""
    for top in (place / FILES).iterdir():
        top.rename(folder / top.name)
    (place / UNPACKED).rename(folder / NAME)


def _finish(folder: Path) -> None:
    with embedded_postgres(folder) as urls, embedded_valkey(folder) as redis_url:
        known = runtime.settled(folder, runtime.embedded_addresses(urls) | {"redis_url": redis_url})
        environment = child_environment(**known, data_dir=folder)
        for label, command in (("Database at its newest form", "migrate"), ("Made fit to open", "after-restore")):
            with step(label):
                done = groups.run(processes.command(command), cwd=ROOT, env=environment)
            if done.returncode:
                stop(f"{label} failed:\n{done.stdout.strip()[-3000:]}")


async def after_restore() -> None:
    """End what a restored database lets in again, and erase again whom it brought back."""
    async with transaction(ACTOR.tenancy) as session:
        ended = await sessions.end_all(session, ACTOR)
        await invitations.end_all(session, ACTOR)
        await password_changes.end_links(session)
    count = await erasures.erase_returned()
    again, _ = await data_keys.compare(is_restored=True)
    out.print(f"Erased again: {count}. Sessions ended: {ended}; open invitations and links, too.")
    out.print(f"Keys of the erased that were back in the key store, and are lost again: {again}.")
    out.print(
        "[yellow]As they were then:[/yellow] API keys, people, roles, passwords, retention rules and legal holds. Go "
        "through what was taken away since, and place the holds of since again before you start workers."
    )
