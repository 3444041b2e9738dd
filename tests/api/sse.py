"""A reader of server-sent events, as the standard describes one."""

import asyncio
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    id: str
    event: str
    data: dict


class Listener:
    """One open stream in a task of its own; what it heard stays when the stream is cut."""

    def __init__(self, browser, url, headers, *, last_id="", **query):
        self.messages, self.comments, self.last_id = [], [], last_id
        self.status, self.body, self.headers = None, "", {}
        self._news = asyncio.Event()
        headers = headers | ({"Last-Event-ID": last_id} if last_id else {})
        self.task = asyncio.create_task(self._read(browser, f"{url}/events/stream", headers, query))

    async def _read(self, browser, url, headers, query):
        try:
            async with browser.stream("GET", url, headers=headers, params=query, timeout=30) as answer:
                self.status, self.headers = answer.status_code, answer.headers
                if answer.status_code != 200:
                    self.body = (await answer.aread()).decode()
                    return
                fields = {}
                async for line in answer.aiter_lines():
                    self._take(line, fields)
        finally:
            self._news.set()

    def _take(self, line, fields):
        if line.startswith(":"):
            self.comments.append(line[1:].strip())
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                self.messages.append(Message(fields["id"], fields["event"], json.loads(fields["data"])))
            fields.clear()
        self._news.set()

    async def until(self, condition, seconds=40):
        """Wait until a condition holds on what was heard."""
        async with asyncio.timeout(seconds):
            while not condition(self):
                self._news.clear()
                assert not self.task.done(), (self.status, self.body, self.messages, self.comments)
                await self._news.wait()

    async def count(self, number, seconds=40):
        await self.until(lambda heard: len(heard.messages) >= number, seconds)
        return self.messages

    async def end(self, seconds=40):
        """Wait for the other side to end it; answers whether it was cut instead."""
        async with asyncio.timeout(seconds):
            [error] = await asyncio.gather(self.task, return_exceptions=True)
        return error

    async def close(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    @property
    def ids(self):
        return [message.data["id"] for message in self.messages]
