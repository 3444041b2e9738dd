"""What one running product leaves for others in its data folder: a lock, and how to reach it."""

import contextlib
import fcntl
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from backoffice.adapters import roots
from backoffice.adapters.embedded import PostgresUrls
from backoffice.adapters.kms import key_encryption
from backoffice.adapters.master_secret import SecretFile
from backoffice.commands.console import stop
from backoffice.commands.places import write_private
from backoffice.errors import Unavailable
from backoffice.models.members import Role
from backoffice.screening.types import CHALLENGER_NAMES
from backoffice.services import breached_passwords
from backoffice.settings import DEFAULT_REGION, SettingsError, settings

DEMO_RECEIVERS = "localhost,127.0.0.1"
RUNTIME = "runtime.json"
PREVIOUS = "secret_key_previous_file"
RESTORING = ".restoring"
"""Is there while a restore is not finished, and after one that was killed."""


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Hold the data folder for this process: two products in it would share and then stop each other's servers.

    The kernel lets go of it when this process ends, however it ends, so no stale lock stops a start. What a killed
    product left behind is taken away.
    """
    with (folder / ".up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stop(
                f"The product runs already with the data folder {folder}. Stop it first, or give this one a folder and "
                "a port of its own: BACKOFFICE_DATA_DIR=… BACKOFFICE_PORT=… make run"
            )
        runtime = folder / RUNTIME
        runtime.unlink(missing_ok=True)
        settings.cache_clear()
        try:
            yield
        finally:
            runtime.unlink(missing_ok=True)


def refuse_half_restored(folder: Path) -> None:
    """Refuse to work with a data folder that a restore left half done: erased people may be back in it."""
    if (folder / RESTORING).exists():
        kept = (folder / RESTORING).read_text()
        stop(
            "A restore of this data folder was not finished. Run `backoffice restore` again; what was here before is "
            f"in {kept}."
        )


def check_secrets() -> None:
    """Refuse to start where everything would start and no sign-in would work: without the secrets, to begin with.

    Raises SettingsError naming what is missing.
    """
    check_passkey_roles()
    breached_passwords.check_download()
    if not settings().demo:
        settings().required("secret_key")
        key_encryption(DEFAULT_REGION)


def check_roots(*, writes: bool = True) -> None:
    """Refuse to start with a master secret that does not open what is sealed here; write the first roots down.

    A database that does not answer is for /readyz to say. Raises SettingsError saying which secret is wanted.
    """
    if settings().database_url is None or settings().secret_key is None:
        return
    with contextlib.suppress(Unavailable):
        roots.ring() if writes else roots.look()


def check_passkey_roles() -> None:
    """Refuse to start with roles that do not exist, or that could not sign in: passkeys need a name and TLS.

    Raises SettingsError naming what is wrong.
    """
    own = settings()
    if not own.passkey_roles:
        return
    from backoffice.services.passkey_proofs import passkey_place

    stranger = next((role for role in own.passkey_roles if role not in set(Role)), None)
    if stranger:
        known = ", ".join(Role)
        raise SettingsError(f"The setting BACKOFFICE_PASSKEY_ROLES names {stranger}, which is no role. Known: {known}.")
    place = passkey_place()
    if place is None or not (own.is_secure or place.host == "localhost"):
        raise SettingsError(
            f"The setting BACKOFFICE_PASSKEY_ROLES needs passkeys, which do not work at {own.url}: set "
            "BACKOFFICE_PUBLIC_URL to an https:// address with a host name."
        )


def check_challengers() -> None:
    """Refuse to start with a version of a check that does not exist: nobody would notice that nothing is compared.

    Raises SettingsError naming it and those that do exist.
    """
    stranger = next((name for name in settings().challengers if name not in CHALLENGER_NAMES), None)
    if stranger:
        known = ", ".join(CHALLENGER_NAMES)
        raise SettingsError(
            f"The setting BACKOFFICE_CHALLENGERS names {stranger}, which does not exist. Known: {known}."
        )


def embedded_addresses(urls: PostgresUrls) -> dict[str, str]:
    """Name the databases of the embedded server by setting; a key store that is set elsewhere stays there."""
    main = {"database_url": urls.app, "database_owner_url": urls.owner}
    if settings().keystore_url is not None:
        return main
    return main | {"keystore_url": urls.keys.app, "keystore_owner_url": urls.keys.owner}


def settled(folder: Path, addresses: Mapping[str, str]) -> dict[str, object]:
    """Collect what this start settled that no setting said: servers, and in the demo its receivers and its secret."""
    own = settings()
    known: dict[str, object] = {**addresses, "port": own.port}
    if own.demo:
        known["demo"] = 1
        known["challengers"] = ",".join(own.challengers or CHALLENGER_NAMES)
        known["webhook_allow_hosts"] = ",".join(own.webhook_allow_hosts) or DEMO_RECEIVERS
        if own.secret_key is None:
            secret = SecretFile(folder)
            known["secret_key_file"] = secret.made()
            if secret.before.exists():
                known[PREVIOUS] = secret.before
    return known


def lasting(known: Mapping[str, object]) -> dict[str, object]:
    """Leave out what may go away while the product runs: its children read that in the folder, when they start."""
    return {name: value for name, value in known.items() if name != PREVIOUS}


def tell(folder: Path, known: Mapping[str, object]) -> None:
    """Write down for the commands beside us what they need; the secret itself stays in its own file."""
    write_private(folder / RUNTIME, json.dumps({name: str(value) for name, value in known.items()}))


def tell_url(folder: Path) -> None:
    """Keep the address in the demo's list of logins true when the port changed since it was written."""
    path = folder / "demo.json"
    try:
        cast = json.loads(path.read_text())
    except (OSError, ValueError):
        return
    if cast["url"] != settings().url:
        write_private(path, json.dumps(cast | {"url": settings().url}, indent=1))
