"""The separate process that reads documents: models and their native code live and die here, not in the worker."""

import os
import sys
from datetime import date

from pydantic import TypeAdapter

from backoffice.screening import frames, ocr, sandbox
from backoffice.screening.decode import Decoder
from backoffice.screening.pipeline import screen
from backoffice.screening.types import Declared, SourceFile
from backoffice.screening.wire import packed

_DECLARED = TypeAdapter(Declared)


def main() -> None:
    """Answer questions until the parent closes the pipe, however the parent ends."""
    sandbox.die_with_parent()
    questions, answers = os.dup(sys.stdin.fileno()), os.dup(sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_RDWR), sys.stdout.fileno())
    decoder = Decoder()
    decoder.warm()
    try:
        while True:
            message, blobs = frames.receive(questions)
            if message["task"] == "warm":
                ocr.warm()
                frames.send(answers, {}, [])
                continue
            frames.send(answers, *_answer(message, blobs, decoder))
    except frames.ClosedError:
        return
    finally:
        decoder.close()


def _answer(message: frames.Message, blobs: list[bytes], decoder: Decoder) -> tuple[frames.Message, list[bytes]]:
    files = [
        SourceFile(str(side), str(mime_type), data, is_masked is True)
        for (side, mime_type, is_masked), data in zip(message["files"], blobs, strict=True)
    ]
    declared = _DECLARED.validate_python(message["declared"])
    today, beside = date.fromisoformat(str(message["today"])), [str(name) for name in message["beside"]]
    return packed(screen(files, declared, today=today, decoder=decoder, beside=beside))
