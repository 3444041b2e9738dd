"""Speaks to the product as a partner's application does: over HTTP, with a key."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Upload:
    """One file to post."""

    side: str
    filename: str
    mime_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API said."""

    status: int
    body: dict[str, Any]


class PartnerClient:
    """A partner's application with one key."""

    def __init__(self, url: str, key: str) -> None:
        self._session = aiohttp.ClientSession(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        )

    async def __aenter__(self) -> Self:
        """Keep the connection for several calls."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give the connection back."""
        await self._session.close()

    async def post_document(self, uploads: Sequence[Upload], fields: Mapping[str, Any]) -> Answer:
        """Post one document in one call; dictionaries among the fields go as JSON.

        Raises OSError (aiohttp's ClientError) when nobody answers.
        """
        form = aiohttp.FormData()
        for upload in uploads:
            form.add_field("files", upload.data, filename=upload.filename, content_type=upload.mime_type)
            form.add_field("sides", upload.side)
        for name, value in fields.items():
            form.add_field(name, json.dumps(value) if isinstance(value, dict) else str(value))
        try:
            async with self._session.post("/api/v1/documents", data=form) as answer:
                return Answer(answer.status, await answer.json(content_type=None) or {})
        except aiohttp.ClientError as error:
            raise ConnectionError(str(error)) from error
