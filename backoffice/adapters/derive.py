"""Keys for single purposes, derived from the roots; what a root is for says what becomes of it when it is turned."""

from functools import lru_cache

from backoffice.adapters import roots, secret_slots
from backoffice.clock import wall
from backoffice.errors import Unavailable
from backoffice.models.secret_roots import RootFamily

FIRST = 1
RETIRED = "secret_retired"


def lasting_key(purpose: str) -> bytes:
    """Answer the 256-bit key of a purpose whose results can never be written anew (HKDF-Expand, RFC 5869 §2.3).

    Put a version into the purpose ("search:1"), so that one use can move to a new key alone.
    """
    return _key(RootFamily.LASTING, FIRST, purpose)


def link_keys(purpose: str) -> list[bytes]:
    """Answer the keys of links that end by themselves: the first one signs, all of them are believed."""
    ring = roots.ring()
    settled = ring.settled(RootFamily.WORKING)
    versions = sorted(ring.versions(RootFamily.WORKING), key=lambda version: version != settled)
    return [_key(RootFamily.WORKING, version, purpose) for version in versions]


def box_version() -> int:
    """Name the version under which boxes are sealed."""
    return roots.ring().newest(RootFamily.WORKING)


def box_key(purpose: str, version: int) -> bytes:
    """Answer the key of boxes of one purpose; Unavailable when its version is retired."""
    return _key(RootFamily.WORKING, version, purpose)


def pepper_versions() -> list[int]:
    """Name the versions of the pepper: the first one is for what is hashed now, the others still compare."""
    ring = roots.ring()
    settled = ring.settled(RootFamily.PEPPER)
    living = [version for version in ring.versions(RootFamily.PEPPER) if is_live_pepper(version)]
    return sorted(living, key=lambda version: (version != settled, -version))


def is_live_pepper(version: int) -> bool:
    """Say whether a version still compares, also one that was made a moment ago elsewhere: until its last day."""
    ends_at = roots.ring().ends_at.get((RootFamily.PEPPER, version))
    return roots.root(RootFamily.PEPPER, version) is not None and (ends_at is None or ends_at > wall())


def pepper_key(purpose: str, version: int) -> bytes:
    """Answer one version's key of a purpose; Unavailable when it is retired."""
    return _key(RootFamily.PEPPER, version, purpose)


def _key(family: RootFamily, version: int, purpose: str) -> bytes:
    root = roots.root(family, version)
    if root is None:
        raise Unavailable(f"The {family} secret of version {version} is retired.", code=RETIRED)
    return _derived(root, purpose)


@lru_cache(1024)
def _derived(root: bytes, purpose: str) -> bytes:
    return secret_slots.expand(root, purpose)
