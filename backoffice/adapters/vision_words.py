"""What a provider says about pictures, in words that name no vendor; numbers are from 0 to 1."""

from dataclasses import dataclass

Frame = tuple[float, float, float, float]
"""Left, top, width and height as fractions of the picture that was sent."""


@dataclass(frozen=True, slots=True)
class Said:
    """One line, or one value with its name, as the provider read it."""

    text: str
    confidence: float
    name: str = ""
    day: str = ""
    """The date that the provider understood, ISO 8601."""
    frame: Frame | None = None
    picture: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was read, and by which model."""

    model: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Face:
    """One face with its light and sharpness."""

    frame: Frame
    brightness: float
    sharpness: float


@dataclass(frozen=True, slots=True)
class Faces:
    """Every face of one picture, the largest first."""

    model: str
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much the most alike face of the other picture resembles; None when that picture shows no face."""

    model: str
    similarity: float | None
    frame: Frame | None = None
