"""Passes by which an open tab goes on after a step-up: its browser fetches one with the new cookie, by HTTP.

A socket knows the cookie of its handshake only. A tab that sends a pass over it has a browser that knows the new
secret; one that was opened with the old cookie by somebody else gets none (docs/decisions/0027).
"""

import struct
from datetime import timedelta
from uuid import UUID

from backoffice.clock import present
from backoffice.services import tokens
from backoffice.services.sessions import MARK_DIGITS, hash_of, mark_of

LIFE = timedelta(minutes=1)
PURPOSE = "tab-pass:1"
BODY = struct.Struct(f">16sI{MARK_DIGITS // 2}s")


def write(session_id: UUID, secret: str) -> str:
    """Write the pass of a session for whoever knows its secret now, for a minute."""
    mark = bytes.fromhex(mark_of(hash_of(secret)))
    return tokens.write(PURPOSE, BODY.pack(session_id.bytes, int((present() + LIFE).timestamp()), mark))


def read(token: str) -> tuple[UUID, str]:
    """Say for which session a pass is, and under which secret, by its mark.

    Raises NotFound for one that we did not write, or too long ago.
    """
    session_id, ends, mark = BODY.unpack(tokens.read(PURPOSE, token, BODY.size))
    if ends <= present().timestamp():
        raise tokens.no_such_link()
    return UUID(bytes=session_id), mark.hex()
