"""Objects below a prefix of an S3 bucket."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import IO, Any

from backoffice.adapters import aws
from backoffice.adapters.storage_keys import checked_key
from backoffice.clock import now
from backoffice.errors import NotFound, Unavailable

LOCKLESS = "InvalidRequest"
"""What S3 answers to a lock in a bucket that was made without Object Lock."""
TAKEN = "PreconditionFailed"
SPOOL_BYTES = 1024 * 1024


class S3Storage:
    """Keeps objects in one bucket."""

    def __init__(
        self, bucket: str, prefix: str, *, endpoint: str | None, region: str | None, takes_uploads: bool = True
    ) -> None:
        self._bucket = bucket
        self.takes_uploads = takes_uploads
        self._prefix = f"{prefix}/" if prefix else ""
        self._client = aws.client("s3", endpoint=endpoint, region=region)

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """Keep an object; a stream is spooled first, because S3 wants the length."""
        path = self._path(key)
        if isinstance(data, bytes):
            await self._call(self._client.put_object, Key=path, Body=data)
            return
        with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool:
            await _spool(data, spool)
            await self._call(self._client.put_object, Key=path, Body=spool)

    async def keep(self, key: str, data: bytes, *, locked: timedelta) -> None:
        """Keep an object for good, under Object Lock (compliance mode) where the bucket has it."""
        once = {"Key": self._path(key), "Body": data, "IfNoneMatch": "*", "ChecksumAlgorithm": "SHA256"}
        end = (now() + locked).replace(microsecond=0)
        until = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": end} if locked else {}
        try:
            await self._call(self._client.put_object, **once, **until)
        except aws.Refused as refused:
            if refused.reason == LOCKLESS and until:
                await self.keep(key, data, locked=timedelta())
            elif refused.reason != TAKEN:
                raise

    async def get(self, key: str, *, at_most: int | None = None) -> bytes:
        """Read an object, or so many bytes of its beginning; NotFound when there is none."""
        return await self._call(partial(self._read, at_most), Key=self._path(key))

    async def delete(self, key: str) -> None:
        """Remove an object; a missing one is fine for S3, too."""
        await self._call(self._client.delete_object, Key=self._path(key))

    async def exists(self, key: str) -> bool:
        """Tell whether an object is there."""
        try:
            await self._call(self._client.head_object, Key=self._path(key))
        except NotFound:
            return False
        return True

    async def keys(self, prefix: str) -> list[str]:
        """List the keys of the objects below a prefix, in order."""
        return await self._call(self._list, Prefix=f"{self._path(prefix)}/")

    async def upload_url(self, key: str, *, seconds: int) -> str | None:
        """Sign an address to which a stranger may PUT this object for a while; None unless `takes_uploads`.

        S3 cannot bound the size of such a PUT; whoever reads the object does.
        """
        path = self._path(key)
        if not self.takes_uploads:
            return None
        sign = partial(self._client.generate_presigned_url, "put_object", ExpiresIn=seconds)
        return await aws.call("The document storage", sign, Params={"Bucket": self._bucket, "Key": path})

    async def check(self) -> None:
        """Raise Unavailable when the bucket does not answer, or is not there."""
        try:
            await self._call(self._client.head_bucket)
        except NotFound as error:
            raise Unavailable("The bucket of the document storage does not exist.", code="storage_missing") from error

    def _path(self, key: str) -> str:
        return self._prefix + checked_key(key)

    def _list(self, **where: str) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(**where)
        return sorted(item["Key"].removeprefix(self._prefix) for page in pages for item in page.get("Contents", ()))

    def _read(self, at_most: int | None, **where: str) -> bytes:
        with closing(self._client.get_object(**where)["Body"]) as body:
            return body.read(at_most)

    async def _call(self, function: aws.Call, **arguments: object) -> Any:  # noqa: ANN401 untyped vendor
        return await aws.call("The document storage", function, Bucket=self._bucket, **arguments)


async def _spool(data: AsyncIterator[bytes], spool: IO[bytes]) -> None:
    async for chunk in data:
        await asyncio.to_thread(spool.write, chunk)
    spool.seek(0)
