"""The list of breached passwords from the command line: is it whole, and is something on it."""

from pathlib import Path

from backoffice.adapters.pwned_passwords import PwnedPasswords
from backoffice.commands.console import explain, out, stop
from backoffice.services import breached_passwords, common_passwords
from backoffice.settings import settings


def check(file: Path | None, *, is_whole: bool) -> None:
    """Look at a file, or at the one that is set, and say what is in it."""
    path = file or settings().breached_passwords
    if path is None:
        stop("Name a file, or set BACKOFFICE_BREACHED_PASSWORDS. Without either only the shipped list counts.")
    known = PwnedPasswords(path)
    if fault := known.fault():
        stop(fault)
    with explain():
        told = (
            f"{known.count():,} passwords, every line in order" if is_whole else f"about {known.estimate():,} passwords"
        )
    out.print(f"{path}: {told}.", soft_wrap=True)


def look_up(password: str) -> None:
    """Say on which list a password is."""
    with explain():
        is_stolen = common_passwords.is_common(password) or breached_passwords.is_in_download(password)
    out.print("It is listed, and would be refused." if is_stolen else "It is on no list.")
