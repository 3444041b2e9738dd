"""The roots that this process derives its keys from, read from the database and kept, so that deriving asks nobody.

They change a few times in years, and every process follows within a minute: what was read longer ago is read again
beside the work, and before it when it is older than that. Reading is by a connection of its own, without a loop, for
keys are wanted in the middle of plain functions.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from logging import getLogger
from time import monotonic
from typing import Any

import psycopg

from backoffice.adapters import secret_slots
from backoffice.clock import wall
from backoffice.errors import Unavailable
from backoffice.models.secret_roots import RootFamily
from backoffice.settings import SettingsError, fresh_secrets, settings

log = getLogger(__name__)
FRESH_SECONDS = 15.0
STALE_SECONDS = 60.0
ASKED_AGAIN_SECONDS = 1.0
KNOWN_BY_ALL = timedelta(seconds=90)
"""From then on every process knows a new version: none reads later than `STALE_SECONDS`."""
CONNECT_SECONDS = 5
OPTIONS = "-c statement_timeout=5000 -c timezone=UTC"
LAST_NOTE = "select note from audit_checkpoints order by size desc limit 1"
SEE_ALL = "select set_config('app.everyone', 'on', true)"
SEEDS = """
select id, totp_secret_box from members where totp_secret_box is not null order by created_at desc limit 5"""
SEED = "totp-seed:1"
"""What `services/second_factor.py` seals seeds for; one damaged box must keep nothing from beginning."""
BEGIN = """
insert into secret_roots (family, version, created_at) select unnest(%s::text[]), 1, now()
on conflict do nothing returning family"""
"""Of two that begin at once the second waits for the first, and finds its roots."""
READ = """
select r.family, r.version, r.created_at, r.ends_at, s.secret_id, s.box
from secret_roots r left join secret_slots s using (family, version)
where r.retired_at is null order by r.family, r.version"""
KEEP = """
insert into secret_slots (family, version, secret_id, box, created_at) values (%s, %s, %s, %s, now())
on conflict do nothing"""
Key = tuple[str, int]
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Ring:
    """The roots that live, by family and version."""

    roots: Mapping[Key, bytes]
    made_at: Mapping[Key, datetime]
    ends_at: Mapping[Key, datetime]
    """Of those that somebody set a last day."""

    def versions(self, family: RootFamily) -> list[int]:
        """Name the versions of a root, the newest first."""
        return sorted((version for name, version in self.roots if name == family), reverse=True)

    def newest(self, family: RootFamily) -> int:
        """Name the version that seals: a box says by which it opens, so whoever does not know it yet looks."""
        return self.versions(family)[0]

    def settled(self, family: RootFamily) -> int:
        """Name the newest version that every process knows, for what does not say its version."""
        known = wall() - KNOWN_BY_ALL
        versions = self.versions(family)
        return next((one for one in versions if self.made_at[(family, one)] <= known), versions[-1])


def ring() -> Ring:
    """Answer the roots.

    Raises SettingsError when this master secret opens none of them, Unavailable when the database does not answer.
    """
    return _keeper(settings().required("database_url"), settings().master_secrets).ring()


def root(family: RootFamily, version: int) -> bytes | None:
    """Answer one version of a root, also one that was made a moment ago elsewhere; None when it is retired."""
    key = (family.value, version)
    found = ring().roots.get(key)
    if found is None and version > ring().newest(family):
        found = _keeper(settings().required("database_url"), settings().master_secrets).again().roots.get(key)
    return found


def look() -> None:
    """See that the master secrets are the right ones, and write nothing.

    Raises SettingsError when they are not, Unavailable when the database does not answer.
    """
    secrets = settings().master_secrets
    try:
        with connect(settings().required("database_url")) as connection:
            if found := _slots(connection):
                _opened(found, secrets, None)
            else:
                _first_secret(connection, secrets)
    except psycopg.Error as error:
        raise _unreadable(error) from error


def forget() -> None:
    """Read everything anew at the next use: something was just changed."""
    _keeper(settings().required("database_url"), settings().master_secrets).outdate()


def begin_anew() -> None:
    """Know nothing, as a process that begins."""
    _keeper.cache_clear()


@lru_cache(8)
def _keeper(url: str, secrets: tuple[str, ...]) -> "Keeper":
    return Keeper(url, secrets)


class Keeper:
    """Keeps the roots of one database, as one set of master secrets opens them."""

    def __init__(self, url: str, secrets: tuple[str, ...]) -> None:
        self._url = url
        self._secrets = secrets
        self._ring: Ring | None = None
        self._read_at = 0.0
        self._outdated_at = 0.0
        self._asked_at = 0.0
        self._again_at = -ASKED_AGAIN_SECONDS
        self._process = 0
        self._lock = threading.Lock()

    def ring(self) -> Ring:
        """Answer what is known, and look again when that was long ago."""
        age = monotonic() - self._read_at
        if self._ring is None or age > STALE_SECONDS or self._read_at <= self._outdated_at:
            return self._looked(self._ring)
        if age > FRESH_SECONDS and monotonic() - self._asked_at > FRESH_SECONDS:
            self._asked_at = monotonic()
            threading.Thread(target=self._look_beside, args=(self._ring,), daemon=True, name="secret roots").start()
        return self._ring

    def outdate(self) -> None:
        """Look before the next use. What is known stays known, so that a retired secret is not taken for a new one."""
        self._outdated_at = monotonic()

    def _look_beside(self, kept: Ring) -> None:
        with suppress(Unavailable):  # told to whoever asks next
            self._looked(kept)

    def again(self) -> Ring:
        """Look now, unless somebody did so within the last second: what is not there then is nowhere."""
        if self._ring is not None and monotonic() - self._again_at < ASKED_AGAIN_SECONDS:
            return self._ring
        self._again_at = monotonic()
        return self._looked(self._ring)

    def _looked(self, kept: Ring | None) -> Ring:
        """Read, one at a time; what is known goes on while the database is away, and not once others left it.

        Raises Unavailable when there is a root that none of our secrets opens: what we still wrote would be lost.
        """
        if self._process != os.getpid():
            self._lock, self._process = threading.Lock(), os.getpid()  # nobody reads in a child that was forked
        with self._lock:
            began = monotonic()
            try:
                self._ring = read(self._url, self._secrets, kept)
            except psycopg.Error as error:
                if kept is None:
                    raise _unreadable(error) from error
                log.warning("secret_roots_not_read", extra={"error": type(error).__name__})
                self._ring = kept
            except SettingsError as error:
                if kept is None:
                    raise
                self.outdate()
                log.error("secret_roots_closed", extra={"error": str(error)})  # noqa: TRY400
                raise Unavailable("This process has a master secret that is no longer used here.") from error
            self._read_at = began
            return self._ring


def _unreadable(error: psycopg.Error) -> Unavailable:
    if isinstance(error, psycopg.errors.UndefinedTable):
        return Unavailable("The database is older than this program. Run: backoffice migrate", code="not_migrated")
    return Unavailable("The database does not answer, and the secrets are in it.", code="unavailable")


def connect(url: str) -> Connection:
    """Open a connection that ends its transaction, and itself, with the block."""
    plain = url.replace("postgresql+psycopg", "postgresql", 1)
    return psycopg.connect(plain, connect_timeout=CONNECT_SECONDS, options=OPTIONS, prepare_threshold=None)


def read(url: str, secrets: Sequence[str], kept: Ring | None = None) -> Ring:
    """Read and open every root that lives, write down the first ones, and give the first secret slots of its own.

    Raises SettingsError when none of the secrets opens a root.
    """
    with connect(url) as connection:
        found = _slots(connection)
        if not found and _begin(connection, secrets):
            found = _slots(connection)
        found = found or _slots(connection)
        opened = _opened(found, secrets, kept)
        if kept is None or _is_living(found, secrets[0]):
            _give_slots(connection, secrets[0], found, opened)
    made_at = {key: slots.made_at for key, slots in found.items()}
    return Ring(opened, made_at, {key: slots.ends_at for key, slots in found.items() if slots.ends_at})


@dataclass(frozen=True, slots=True)
class _Slots:
    made_at: datetime
    ends_at: datetime | None
    boxes: dict[str, bytes]


def _slots(connection: Connection) -> dict[Key, _Slots]:
    found: dict[Key, _Slots] = {}
    for family, version, made_at, ends_at, secret_id, box in connection.execute(READ).fetchall():
        slots = found.setdefault((family, version), _Slots(made_at, ends_at, {}))
        if secret_id:
            slots.boxes[secret_id] = bytes(box)
    return found


def _is_living(found: Mapping[Key, _Slots], secret: str) -> bool:
    """Say whether a secret opens anything: one that was retired while this process runs gets no slot again."""
    return any(secret_slots.secret_id(secret) in slots.boxes for slots in found.values())


def _give_slots(
    connection: Connection,
    secret: str,
    found: Mapping[Key, _Slots],
    opened: Mapping[Key, bytes],
) -> None:
    own = secret_slots.secret_id(secret)
    for key, root_ in opened.items():
        if own not in found[key].boxes:
            connection.execute(KEEP, (*key, own, secret_slots.close(secret, *key, root_)))


def _begin(connection: Connection, secrets: Sequence[str]) -> bool:
    """Write the first roots down; what was derived from the master secret before is derived from them."""
    first = _first_secret(connection, secrets)
    rows = connection.execute(BEGIN, ([*RootFamily],)).fetchall()
    for (family,) in rows:
        box = secret_slots.close(first, family, 1, secret_slots.extract(first))
        connection.execute(KEEP, (family, 1, secret_slots.secret_id(first), box))
    return bool(rows)


def _first_secret(connection: Connection, secrets: Sequence[str]) -> str:
    """Find the secret that this database was written under: the log's last signature says which, or what it opens.

    Raises SettingsError when it is none of them.
    """
    signed = connection.execute(LAST_NOTE).fetchone()
    connection.execute(SEE_ALL)
    seeds = [] if signed else [(member_id.bytes, bytes(box)) for member_id, box in connection.execute(SEEDS).fetchall()]
    if signed is None and not seeds:
        return secrets[-1]
    first = next((one for one in secrets if _wrote(one, signed, seeds)), None)
    if first is None:
        told = "its audit log is signed by another one" if signed else "it opens none of the authenticator apps"
        raise SettingsError(
            f"BACKOFFICE_SECRET_KEY is not the master secret that this database was written under: {told}. Nothing was "
            "changed. Set the former one, or, if you mean to change it, set BACKOFFICE_SECRET_KEY_PREVIOUS to the "
            "former one as well."
        )
    return first


def _wrote(secret: str, signed: tuple[Any, ...] | None, seeds: Sequence[tuple[bytes, bytes]]) -> bool:
    if signed:
        return secret_slots.has_signed(secret, signed[0])
    return any(secret_slots.has_sealed(secret, SEED, box, place) for place, box in seeds)


def _opened(found: Mapping[Key, _Slots], secrets: Sequence[str], kept: Ring | None) -> dict[Key, bytes]:
    opened: dict[Key, bytes] = {}
    known = [*secrets, *(one for one in fresh_secrets() if one not in secrets)]
    for key, slots in found.items():
        if kept and key in kept.roots:
            opened[key] = kept.roots[key]
            continue
        secret = next((one for one in known if secret_slots.secret_id(one) in slots.boxes), None)
        if secret is None:
            raise _closed(slots, secrets[0])
        opened[key] = secret_slots.open_slot(secret, *key, slots.boxes[secret_slots.secret_id(secret)])
    return opened


def _closed(slots: _Slots, secret: str) -> SettingsError:
    named = " or ".join(sorted(slots.boxes)) or "a master secret that is retired"
    return SettingsError(
        f"BACKOFFICE_SECRET_KEY is the master secret {secret_slots.secret_id(secret)}, and this installation's secrets "
        f"are sealed under {named}. Nothing was changed. Set that one again, or, if you mean to change it, set "
        "BACKOFFICE_SECRET_KEY_PREVIOUS to it as well."
    )
