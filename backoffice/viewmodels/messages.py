"""Short messages that a screen shows once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """One message; a new `seq` shows it. Kinds: success, error, warning, info."""

    seq: int = 0
    kind: str = "info"
    text: str = ""
