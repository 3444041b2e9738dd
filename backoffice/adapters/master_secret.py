"""The file of the master secret that the demo makes for itself; elsewhere the secret is the operator's to keep."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from backoffice.settings import fresh_secrets, settings

FOLDER = "keys"
NOW, NEXT, BEFORE = "secret_key", "secret_key_next", "secret_key_previous"
BYTES = 32


class SecretFile:
    """A master secret in the data folder, with the one that follows it and the one before."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER

    @property
    def path(self) -> Path:
        """Say where the secret is."""
        return self._folder / NOW

    @property
    def before(self) -> Path:
        """Say where the one before is, while it is changed."""
        return self._folder / BEFORE

    def made(self) -> Path:
        """Make the secret once, and answer where it is."""
        if not self.path.exists():
            self._write(NOW, secrets.token_hex(BYTES))
        return self.path

    def following(self) -> str:
        """Draw the secret that follows, or answer the one that was drawn before a stop."""
        path = self._folder / NEXT
        if not path.exists():
            self._write(NEXT, secrets.token_hex(BYTES))
        return path.read_text().strip()

    def turn(self) -> None:
        """Let the drawn secret be the one, and keep the one before; wherever it stops, both are still there."""
        following = self._folder / NEXT
        if following.exists():
            self._write(BEFORE, self.path.read_text().strip())
            following.rename(self.path)

    def forget_before(self) -> None:
        """Let go of the one before."""
        with suppress(FileNotFoundError):
            self.before.unlink()

    def texts(self) -> list[str]:
        """Read the secret and the one before, if there is one."""
        return [path.read_text().strip() for path in (self.path, self.before) if path.exists()]

    def _write(self, name: str, text: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._folder / f".{name}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._folder / name)


def own_file() -> SecretFile | None:
    """Open the file of our own making; None where the master secret comes from the operator."""
    file = SecretFile(settings().data_dir)
    given = settings().secret_key
    if not settings().demo or given is None or not file.path.exists():
        return None
    return file if given.get_secret_value() in file.texts() else None


def known() -> list[str]:
    """Answer the master secrets as they are now, that of today first and then what still opens beside it."""
    file = own_file()
    return list(dict.fromkeys([*(file.texts() if file else []), *(fresh_secrets() or settings().master_secrets)]))
