"""AWS clients through boto3: short time-outs, few attempts, and our errors instead of theirs."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# boto3 and botocore carry no types; what leaves this file is typed.

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from backoffice.errors import NotFound, Unavailable

ATTEMPTS = 3
CONNECT_SECONDS = 3
READ_SECONDS = 15
CONNECTIONS = 20
Call = Callable[..., Any]
MISSING = {"404", "NoSuchKey", "NotFound", "NotFoundException", "NoSuchBucket"}


class Refused(Unavailable):
    """AWS understood the request and refused it; `reason` is its code."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message, code="vendor_refused")
        self.reason = reason


def client(  # noqa: PLR0913 each bound has its own name
    service: str,
    *,
    endpoint: str | None = None,
    region: str | None = None,
    attempts: int = ATTEMPTS,
    connect_seconds: float = CONNECT_SECONDS,
    read_seconds: float = READ_SECONDS,
) -> Any:  # noqa: ANN401 untyped vendor
    """Open a thread-safe client; credentials come by the usual AWS chain.

    Checksums stay to where S3 asks for them: other S3 servers refuse the newer ones, and AES-GCM notices a changed
    byte anyway.
    """
    config = Config(
        retries={"total_max_attempts": attempts, "mode": "standard"},
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        max_pool_connections=CONNECTIONS,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if endpoint else {},
        signature_version="s3v4" if service == "s3" else None,
    )
    return boto3.Session().client(service, endpoint_url=endpoint, region_name=region, config=config)


async def call(what: str, function: Call, **arguments: object) -> Any:  # noqa: ANN401 untyped vendor
    """Run a blocking call in a thread; `what` is the part a person knows ("The document storage")."""
    try:
        return await asyncio.to_thread(partial(function, **arguments))
    except ClientError as error:
        reason = f"{error.response.get('Error', {}).get('Code')}"
        if reason in MISSING:
            raise NotFound("This file is not stored here any more.", code="file_missing") from error
        raise Refused(f"{what} refused the request ({reason}).", reason) from error
    except BotoCoreError as error:
        raise Unavailable(f"{what} does not answer.", code="vendor_unavailable") from error
