"""Reads a multipart body as it arrives: every byte is counted, and nothing large stands in memory."""

import asyncio
import contextlib
import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from backoffice.api.problems import pointer
from backoffice.api.texts import clean_text
from backoffice.errors import BackofficeError, BadRequest, Invalid, TooLarge, Unsupported
from backoffice.screening.thresholds import FILE_BYTES
from backoffice.services.intake import MAX_FILES
from backoffice.settings import settings

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_FILE_BYTES = FILE_BYTES.most
MAX_FIELD_BYTES = 16 * 1024
MAX_PARTS = 40
MAX_BODY_BYTES = int(MAX_FILES * MAX_FILE_BYTES + MAX_PARTS * MAX_FIELD_BYTES)
BODY_SECONDS = 300
IDLE_SECONDS = 30
SPOOL_FOLDER = "spool"
MEMORY_BYTES = 512 * 1024
"""A file of up to so many bytes needs no file on our disk."""


@dataclass(slots=True)
class SpooledFile:
    """One received file, with what was counted while it arrived; on our disk when it is not small.

    It has no name there: when the process dies, the clear text is gone with it.
    """

    source: IO[bytes]
    bytes: int = 0
    sha256: str = ""


@dataclass(slots=True)
class Form:
    """A whole multipart body."""

    fields: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    files: list[SpooledFile] = field(default_factory=list[SpooledFile])


class SlowBodyError(BackofficeError):
    """The body did not arrive in time."""

    status = 408
    code = "request_timeout"


class _Part:
    """The part that is arriving now."""

    def __init__(self) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.header_name = b""
        self.header_value = b""
        self.name = ""
        self.value = bytearray()
        self.file: SpooledFile | None = None
        self.digest = hashlib.sha256()


class FormReader:
    """Feeds the parser and refuses at the first wrong thing."""

    def __init__(self, folder: Path, boundary: bytes) -> None:
        self.form = Form()
        self.is_whole = False
        self._new_file = partial(tempfile.SpooledTemporaryFile[bytes], MEMORY_BYTES, buffering=0, dir=str(folder))
        self._open = contextlib.ExitStack()
        self._part = _Part()
        self._parts = 0
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        self._parser.write(chunk)

    def close(self) -> None:
        """Let go of every file; nothing of them stays on the disk."""
        self._open.close()

    def _begin(self) -> None:
        self._part = _Part()
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise Invalid("The form has too many parts.", code="too_long")

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._part.header_name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.header_value += data[start:end]

    def _header_end(self) -> None:
        self._part.headers[self._part.header_name.lower()] = self._part.header_value
        self._part.header_name = self._part.header_value = b""

    def _headers_finished(self) -> None:
        part = self._part
        kind, options = parse_options_header(part.headers.get(b"content-disposition", b"").decode("latin-1"))
        if kind != b"form-data" or b"name" not in options:
            raise BadRequest("A part of the form has no name.", code="malformed_multipart")
        encoding = part.headers.get(b"content-transfer-encoding", b"binary").strip().lower()
        if encoding not in {b"binary", b"8bit", b"7bit"}:
            raise BadRequest("Parts must not be encoded (RFC 7578 §4.7).", code="malformed_multipart")
        part.name = clean_text(options[b"name"], "")
        clean_text(options.get(b"filename", b""), f"/files/{len(self.form.files)}")
        if b"filename" in options or (part.name == "files" and _is_binary(part)):
            self._open_file(part)

    def _open_file(self, part: _Part) -> None:
        """Receive into a file of our own; the sender's name for it was checked for form and is never used."""
        if part.name != "files":
            raise Invalid("There is no file field of this name.", code="unknown_field", pointer=pointer(part.name))
        if len(self.form.files) >= MAX_FILES:
            raise Invalid(
                f"A document has at most {MAX_FILES} files.", code="too_many_files", pointer=f"/files/{MAX_FILES}"
            )
        part.file = SpooledFile(self._open.enter_context(self._new_file()))

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.file is None:
            part.value += data[start:end]
            if len(part.value) > MAX_FIELD_BYTES:
                code = "metadata_too_large" if part.name == "metadata" else "too_long"
                raise Invalid("A field holds at most 16 KB.", code=code, pointer=pointer(part.name))
            return
        part.file.bytes += end - start
        if part.file.bytes > MAX_FILE_BYTES:
            raise TooLarge("A file is larger than 15 MB.", pointer=f"/files/{len(self.form.files)}")
        piece = memoryview(data)[start:end]
        part.digest.update(piece)
        part.file.source.write(piece)

    def _end(self) -> None:
        part = self._part
        if part.file is None:
            self.form.fields.append((part.name, clean_text(bytes(part.value), pointer(part.name))))
            return
        if part.file.bytes == 0:
            raise Invalid("The file is empty.", code="file_empty", pointer=f"/files/{len(self.form.files)}")
        part.file.sha256 = part.digest.hexdigest()
        self.form.files.append(part.file)

    def _finish(self) -> None:
        self.is_whole = True


def _is_binary(part: _Part) -> bool:
    """Know a file without a filename, which RFC 7578 §4.2 allows, by the type that it says it has."""
    kind = part.headers.get(b"content-type", b"").strip().lower()
    return kind.startswith((b"image/", b"application/"))


@asynccontextmanager
async def received_form(request: Request) -> AsyncGenerator[Form]:
    """Receive a whole form; its files live as long as the block.

    Raises TooLarge, Unsupported, BadRequest, Invalid, SlowBodyError.
    """
    boundary = _boundary(request)
    _refuse_by_length(request)
    with contextlib.closing(_reader(boundary)) as reader:
        await _receive(request, reader)
        yield reader.form


def _reader(boundary: bytes) -> FormReader:
    try:
        return FormReader(_spool(), boundary)
    except FormParserError:
        raise BadRequest("The multipart boundary is too long.", code="malformed_multipart") from None


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise Unsupported("Send the document as multipart/form-data.")
    return options[b"boundary"]


def _refuse_by_length(request: Request) -> None:
    """Refuse by the declared length alone, before the first byte is read."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        raise TooLarge("The request is larger than six files of 15 MB.", code="request_too_large")


@lru_cache(1)
def _spool() -> Path:
    """Keep arriving files beside our data, private, and never in a folder that others share."""
    folder = settings().data_dir / SPOOL_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


async def _receive(request: Request, reader: FormReader) -> None:
    total = 0

    def take(chunk: bytes) -> None:
        nonlocal total
        total += len(chunk)
        if total > MAX_BODY_BYTES:
            raise TooLarge("The request is larger than six files of 15 MB.", code="request_too_large")
        reader.feed(chunk)

    try:
        await _in_time(request, take)
    except FormParserError:
        raise BadRequest("The multipart body is damaged.", code="malformed_multipart") from None
    if not reader.is_whole:
        raise BadRequest("The multipart body ends too early.", code="malformed_multipart")


@asynccontextmanager
async def received_file(request: Request) -> AsyncGenerator[SpooledFile]:
    """Receive a body that is one file; it lives as long as the block.

    Raises TooLarge as soon as that is known, Invalid for an empty one, SlowBodyError.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_FILE_BYTES:
        raise TooLarge("A file is larger than 15 MB.")
    with tempfile.SpooledTemporaryFile[bytes](MEMORY_BYTES, buffering=0, dir=str(_spool())) as source:
        file, digest = SpooledFile(source), hashlib.sha256()

        def take(chunk: bytes) -> None:
            file.bytes += len(chunk)
            if file.bytes > MAX_FILE_BYTES:
                raise TooLarge("A file is larger than 15 MB.")
            digest.update(chunk)
            source.write(chunk)

        await _in_time(request, take)
        if not file.bytes:
            raise Invalid("The file is empty.", code="file_empty")
        file.sha256 = digest.hexdigest()
        yield file


async def _in_time(request: Request, take: Callable[[bytes], None]) -> None:
    """Hand over a body piece by piece, and wait for it only so long."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in _paced(request.stream().__aiter__()):
                take(chunk)
    except TimeoutError:
        raise SlowBodyError("The body came in too slowly.") from None


async def _paced(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Wait for each piece only so long: a sender that stops holds no place here."""
    while True:
        async with asyncio.timeout(IDLE_SECONDS):
            chunk = await anext(stream, None)
        if chunk is None:
            return
        yield chunk
