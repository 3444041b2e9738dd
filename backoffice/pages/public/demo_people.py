"""Lets a stranger sign in as anybody of the demo.

Only in demo mode, and only while the product listens to this machine alone: otherwise there is nobody here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyotp.totp import TOTP

from backoffice.i18n import gettext
from backoffice.pages.public.sign_in_html import DemoLogin
from backoffice.settings import settings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One person of the demo with what they sign in with."""

    email: str = ""
    password: str = ""
    totp_secret: str | None = None
    name: str = ""
    role: str = ""
    partner: str = ""


def _people() -> tuple[DemoPerson, ...]:
    if not settings().demo or settings().host not in LOOPBACK:
        return ()
    path = settings().data_dir / "demo.json"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError):
        return ()


@lru_cache(2)
def _read(path: Path, _changed: int) -> tuple[DemoPerson, ...]:
    cast = json.loads(path.read_text())
    partners = {row["id"]: row["name"].capitalize() for row in cast["partners"]}
    return tuple(
        DemoPerson(
            row["email"],
            row["password"],
            row["totp_secret"],
            row["name"],
            row["role"].replace("_", " "),
            partners.get(row["partner_id"], ""),
        )
        for row in cast["members"]
    )


def logins(href: Callable[[str], str]) -> list[DemoLogin]:
    """List the demo's people with a link that fills the form for each."""
    return [DemoLogin(person.name, _place(person), href(person.email)) for person in _people()]


def _place(person: DemoPerson) -> str:
    return ", ".join(filter(None, (gettext(person.role), person.partner)))


def chosen(email: str) -> DemoPerson:
    """Find the person whose link was followed; nobody otherwise."""
    return next((person for person in _people() if person.email == email), DemoPerson())


def code(email: str) -> str:
    """Answer the second factor's code of one of the demo's people, right now."""
    secret = chosen(email).totp_secret
    return TOTP(secret).now() if secret else ""
