"""A host of their own for files (`FILES_URL`): where they are then, and passes for who fetches one from there.

No cookie of ours goes to that host. What a link or a pass says stands for it: which session, and until when.
"""

import hashlib
import struct
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from backoffice.clock import present
from backoffice.services import tokens
from backoffice.settings import settings

PASS_PATH = "/fetch"  # noqa: S105 where a pass stands in an address
PASS_LIFE = timedelta(minutes=1)
"""A pass is followed at once: a redirect leads to it."""
PASS_PURPOSE = "file-pass:2"  # noqa: S105 what a pass is signed for
BODY = struct.Struct(">16s8sI16s")


def is_apart() -> bool:
    """Answer whether files have a host of their own."""
    return bool(settings().files_url)


def is_files_host(host: str) -> bool:
    """Answer whether a request that names this host is for files; the port is the proxy's affair."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return is_apart() and name == urlsplit(settings().files_url).hostname


def address(path: str) -> str:
    """Write where a file is: a path, or a whole address when files have a host of their own."""
    return f"{settings().files_url}{path}"


def pass_to(session_id: UUID, mark: str, target: str) -> str:
    """Write the address at which a session fetches `target`, a path with its query, within a minute."""
    ends = int((present() + PASS_LIFE).timestamp())
    token = tokens.write(PASS_PURPOSE, BODY.pack(session_id.bytes, bytes.fromhex(mark), ends, _print(target)))
    return address(f"{PASS_PATH}/{token}{target}")


def read_pass(token: str, target: str) -> tuple[UUID, str]:
    """Say which session, under the secret of which mark, a pass lets fetch `target`.

    Raises NotFound for one that we did not write, for something else, or too long ago.
    """
    session_id, mark, ends, known = BODY.unpack(tokens.read(PASS_PURPOSE, token, BODY.size))
    if ends <= present().timestamp() or known != _print(target):
        raise tokens.no_such_link()
    return UUID(bytes=session_id), mark.hex()


def _print(target: str) -> bytes:
    return hashlib.sha256(target.encode()).digest()[:16]
