"""Reading pictures at a provider: what it can be asked, in our words; one vendor's file beside this one."""

from functools import lru_cache
from typing import Protocol

from backoffice.adapters.vision_aws import AwsVision
from backoffice.adapters.vision_words import Faces, Likeness, Reading
from backoffice.settings import settings


class Vision(Protocol):
    """A provider; every method raises Unavailable when it does not answer, answers nonsense or refuses."""

    async def read_text(self, picture: bytes) -> Reading:
        """Read the lines of one picture."""
        ...

    async def read_identity(self, pictures: list[bytes]) -> Reading:
        """Read the named values of an identity document from the pictures of its sides."""
        ...

    async def find_faces(self, picture: bytes) -> Faces:
        """Find every face with how bright and sharp it is."""
        ...

    async def compare_faces(self, selfie: bytes, document: bytes) -> Likeness:
        """Compare the largest face of a selfie with those on a document."""
        ...


@lru_cache(1)
def vision() -> Vision:
    """Answer the provider that the settings name."""
    return AwsVision(settings().screening_aws_region, endpoint=settings().screening_aws_endpoint or None)
