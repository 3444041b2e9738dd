"""What a file must be before the API says 201: cheap checks, decoding only in limited children."""

import asyncio
import hashlib
from dataclasses import dataclass

from backoffice.errors import BackofficeError, Invalid, TooLarge, Unsupported
from backoffice.screening import thresholds
from backoffice.screening.decode import Decoder, UndecodableError
from backoffice.screening.sniff import sniff

_SECONDS = 10.0

SENTENCES = {
    "file_too_large": "The file is larger than 15 MB, or unpacks to more than 80 million pixels.",
    "unsupported_media_type": "Only JPEG, PNG, WebP, HEIC, TIFF and PDF files are accepted, judged by their content.",
    "file_empty": "The file is empty.",
    "file_corrupt": "The file is damaged or incomplete and cannot be opened.",
    "file_encrypted": "The PDF is encrypted; send it without a password.",
    "image_too_small": "The picture is too small to read; at least 300 by 180 pixels are needed.",
    "too_many_pages": "The file has more than 10 pages.",
    "active_content": "The file contains programs or attachments, which are not accepted.",
}


@dataclass(frozen=True, slots=True)
class Admitted:
    """What is known of a file once it is accepted; width and height are of the first page, upright."""

    mime_type: str
    width: int
    height: int
    pages: int
    sha256: str
    bytes: int


class Admission:
    """The gate with its warm children; one per web process."""

    def __init__(self, *, children: int = 2, module: str = "backoffice.screening.child") -> None:
        self._decoders = [Decoder(module, seconds=_SECONDS) for _ in range(children)]
        self._free: asyncio.LifoQueue[Decoder] | None = None

    def warm(self) -> None:
        """Start the children ahead of the first upload."""
        for decoder in self._decoders:
            decoder.warm()

    async def admit(self, data: bytes) -> Admitted:
        """Accept one file, or raise `TooLarge`, `Unsupported` or `Invalid` with the file code of the API."""
        mime_type = _precheck(data)
        queue = self._queue()
        decoder = await queue.get()
        try:
            facts = await asyncio.to_thread(decoder.inspect, data, mime_type)
        except UndecodableError as undecodable:
            raise _refusal(undecodable) from None
        finally:
            queue.put_nowait(decoder)
        digest = hashlib.sha256(data).hexdigest()
        return Admitted(mime_type, facts.width, facts.height, facts.pages, digest, len(data))

    def close(self) -> None:
        """End the children."""
        for decoder in self._decoders:
            decoder.close()

    def _queue(self) -> asyncio.LifoQueue[Decoder]:
        """Make the queue inside the running loop, because it belongs to one loop."""
        if self._free is None:
            self._free = asyncio.LifoQueue()
            for decoder in self._decoders:
                self._free.put_nowait(decoder)
        return self._free


def _precheck(data: bytes) -> str:
    if not data:
        raise Invalid(SENTENCES["file_empty"], code="file_corrupt")
    if len(data) > thresholds.FILE_BYTES.most:
        raise TooLarge(SENTENCES["file_too_large"])
    mime_type = sniff(data)
    if mime_type is None:
        raise Unsupported(SENTENCES["unsupported_media_type"])
    return mime_type


def _refusal(undecodable: UndecodableError) -> BackofficeError:
    """Refuse a file that takes the decoder down like a damaged one: asking again would not help."""
    code = undecodable.code if undecodable.trouble == "refused" else "file_corrupt"
    if code == "file_too_large":
        return TooLarge(SENTENCES[code])
    return Invalid(SENTENCES.get(code, SENTENCES["file_corrupt"]), code=code)
