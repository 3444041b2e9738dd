"""Passwords: Argon2id over a peppered digest, worked out in a few threads of their own."""
# pyright: reportMissingTypeStubs=false
# libpass has no stubs; what we use of it is typed here by `Hasher`.

import asyncio
import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypeVar, cast

from passlib import registry

from backoffice.adapters.derive import pepper_key, pepper_versions
from backoffice.errors import Invalid
from backoffice.services import breached_passwords, common_passwords

T = TypeVar("T")


class Hasher(Protocol):
    """What we use of a passlib handler."""

    def hash(self, secret: bytes) -> str:
        """Hash with a fresh salt."""
        ...

    def verify(self, secret: bytes, hash: str) -> bool:  # noqa: A002 passlib's name
        """Compare in constant time."""
        ...

    def needs_update(self, hash: str) -> bool:  # noqa: A002 passlib's name
        """Tell whether a hash is weaker than what we write now."""
        ...


MIN_LENGTH = 15
MIN_LENGTH_WITH_SECOND_FACTOR = 8
MAX_LENGTH = 128
"""NIST SP 800-63B-4 §3.1.1: length and what is easy to guess; no composition rule, no expiry."""
COMMON = (
    "This password is among the first that anybody would try. Choose another; a few words that do not belong together "
    "make a good one."
)
BREACHED = "This password was stolen elsewhere and is known to attackers. Choose another that you use nowhere else."
GUESSABLE = "This password is made of your name, your address, your company or this product. Choose another."

THREADS = 2
"""A flood of sign-ins waits here instead of taking 19 MiB and a core each."""
HASHER: Hasher = (
    cast("Any", registry)
    .get_crypt_handler("argon2")
    .using(type="ID", memory_cost=19_456, rounds=2, parallelism=1, salt_size=16, digest_size=32)
)
"""The OWASP setting: about 21 ms; the libraries' own defaults cost ten times that."""
GHOST = f"$argon2id$v=19$m=19456,t=2,p=1${'A' * 22}${'A' * 43}"
"""A hash that no password has, so that an unknown address costs the same time as a known one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the password is right, and whether its hash should be written anew."""

    is_right: bool
    is_outdated: bool = False


def check_policy(password: str, *, has_second_factor: bool, words: Collection[str] = ()) -> None:
    """Refuse a new password that is too short or too long, that attackers try first, or that is made of `words`.

    NIST SP 800-63B-4 §3.1.1.2; OWASP ASVS 5.0 §6.2.4, §6.2.11. Raises Invalid.
    """
    password = unicodedata.normalize("NFKC", password)
    least = MIN_LENGTH_WITH_SECOND_FACTOR if has_second_factor else MIN_LENGTH
    if not least <= len(password) <= MAX_LENGTH:
        message = f"A password has {least} to {MAX_LENGTH} characters. Any characters will do, spaces too."
        raise Invalid(message, code="password_length", pointer="/password")
    if common_passwords.is_common(password):
        raise Invalid(COMMON, code="password_common", pointer="/password")
    if common_passwords.is_made_of(password, words, MIN_LENGTH_WITH_SECOND_FACTOR):
        raise Invalid(GUESSABLE, code="password_guessable", pointer="/password")


async def admit(password: str, *, has_second_factor: bool, words: Collection[str] = ()) -> None:
    """Refuse a new password as `check_policy` does, and one that is in the installation's download of stolen ones.

    Raises Invalid, and Unavailable when that download cannot be read.
    """
    check_policy(password, has_second_factor=has_second_factor, words=words)
    same = unicodedata.normalize("NFKC", password)
    if any([await _in_thread(lambda one=one: breached_passwords.is_in_download(one)) for one in {password, same}]):
        raise Invalid(BREACHED, code="password_breached", pointer="/password")


async def hashed(password: str) -> str:
    """Hash a new password: `$argon2id$…#<version of the pepper>`."""
    pepper = pepper_versions()[0]
    return await _in_thread(lambda: f"{HASHER.hash(_peppered(password, pepper))}#{pepper}")


async def verify(password: str, stored: str | None) -> Verdict:
    """Compare a password with a stored hash; without one the same work is done for nothing.

    A hash that names an older pepper than today's is renewed at the sign-in; under a retired one no password is right.
    """
    peppers = pepper_versions()
    text, _, version = (stored or "").rpartition("#")
    pepper = int(version or peppers[0])
    if len(password) > MAX_LENGTH or not text or pepper not in peppers:
        password, text, pepper = "", GHOST, peppers[0]
    is_right = await _in_thread(lambda: HASHER.verify(_peppered(password, pepper), text))
    is_outdated = pepper < peppers[0] or HASHER.needs_update(text)
    return Verdict(is_right and stored is not None, is_right and is_outdated)


def _peppered(password: str, version: int) -> bytes:
    """Key the password, so that a stolen table alone cannot be guessed at; 44 bytes whatever the length."""
    same = unicodedata.normalize("NFKC", password).encode()
    return base64.b64encode(hmac.digest(pepper_key(f"password-pepper:{version}", version), same, hashlib.sha256))


@lru_cache(1)
def _threads() -> ThreadPoolExecutor:
    """Open the pool on first use: web workers fork."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="password")


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads(), work)
