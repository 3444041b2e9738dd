"""What looking at a webhook that a receiver refused has found: plain values for the service and the screen."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook as its receiver got it; `computed` is the signature that the receiver's own code came to."""

    id: str
    timestamp: str
    signature: str
    body: bytes = field(repr=False)
    computed: str = ""


@dataclass(frozen=True)
class SignatureStep:
    """One thing that was looked at, and what is true of it."""

    name: str
    is_good: bool
    words: str


@dataclass(frozen=True)
class BodyDifference:
    """Where a body stops being what was sent: the place of the first byte that differs, and what stands around it."""

    at: int
    same: str
    """The end of what is still equal."""
    sent: str
    got: str
    why: str


@dataclass(frozen=True)
class SignatureFindings:
    """The steps in the order of verifying, and where the bodies part, if they do."""

    is_right: bool
    steps: list[SignatureStep]
    difference: BodyDifference | None = None
