"""sqlmap against every parameter that the partner API describes, in a running web process over real PostgreSQL.

First it has to break into a planted server; what it says about ours afterwards means something then. The key is of a
partner whose limits are lifted: a tool that is answered by 429 finds nothing, and says so.
"""

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from tests.security.scan import TOOLS

MINUTES = 12
FLAGS = ("--batch", "--level=1", "--risk=1", "--technique=BEU", "--threads=2", "--flush-session", "--disable-coloring",
         "--ignore-code=400,404,422")  # fmt: skip
ALSO = ("abc", "1", "200", "2026-11-01", "2026-11-01T00:00:00Z")
NEVER = {("/audit/checkpoint", "since"), ("/usage_records", "invoice_id"), ("/usage_records", "line")}
"""Sizes of a log in which nothing is sealed here, and lines of an invoice that counts nothing: numbers and ids."""
VULNERABLE = re.compile(r"is vulnerable|appears to be .* injectable|sqlmap identified")


class Planted(BaseHTTPRequestHandler):
    """A list that puts what it is asked for into its SQL."""

    def do_GET(self) -> None:
        name = parse_qs(urlsplit(self.path).query).get("name", [""])[0]
        with sqlite3.connect(":memory:") as database:
            database.execute("create table people (name text)")
            database.executemany("insert into people values (?)", [("ann",), ("bea",)])
            try:
                found = database.execute(f"select name from people where name = '{name}'").fetchall()
                self._answer(200, repr(found))
            except sqlite3.Error as error:
                self._answer(500, str(error))

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, words: str) -> None:
        body = words.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def planted() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Planted) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/people?name=ann"
        server.shutdown()


def broken_by_sqlmap(url: str, folder: Path, *more: str, dbms: str = "PostgreSQL") -> bool:
    """Let sqlmap try every parameter of an address; answers whether it got in."""
    line = [str(TOOLS / "sqlmap"), "-u", url, f"--output-dir={folder}", f"--dbms={dbms}", *FLAGS, *more]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=MINUTES * 60)
    said = done.stdout
    if "429 (" in said or "unable to connect" in said or "testing connection" not in said:
        raise SystemExit(f"sqlmap could not look at {url}:\n{said[-1500:]}")
    return bool(VULNERABLE.search(said))


async def addresses(url: str) -> tuple[list[str], str]:
    """Name every reading address of the description with things that exist and parameters that mean something.

    Answers also the key of their owner, whom no limit holds back. What follows an asterisk is tried, too.
    """
    from backoffice import db
    from tests.api.estate import Estate
    from tests.api.world import make_world

    world, found = await make_world(), []
    async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
        estate = Estate(client, world, livemode=False)
        headers = await estate.headers()
        await estate.everything()
        described = (await client.get("/api/v1/openapi.json")).json()
        for path, item in sorted(described["paths"].items()):
            if "get" not in item or "stream" in path or "{token}" in path:
                continue
            filled, query = f"/api/v1{await estate.address(path)}", {}
            for one in item["get"].get("parameters", []):
                if one["in"] == "query" and one["name"] not in {"after", "cursor", "expand"}:
                    tries = _tries(one, described, estate.ids.values())
                    query[one["name"]] = await _taken(client, headers, filled, one["name"], tries)
            named = {name: value for name, value in query.items() if value}
            missed = {(path, name) for name in query.keys() - named.keys()} - NEVER
            if missed:
                raise SystemExit(f"Nothing that was tried is taken for {sorted(missed)}")
            if named or filled != f"/api/v1{path}":
                found.append(f"{url}{filled}" + (f"?{urlencode(named)}" if named else "*"))
    await db.close()
    return found, headers["Authorization"]


async def _taken(
    client: httpx2.AsyncClient, headers: dict[str, str], address: str, name: str, tries: list[object]
) -> str:
    """Answer a value that gets past the door: what is refused there never comes near the SQL."""
    for value in map(str, tries):
        if (await client.get(address, headers=headers, params={name: value})).is_success:
            return value
    return ""


def _tries(parameter: dict, described: dict, ids: Iterable[str]) -> list[object]:
    examples = (one["value"] for one in parameter.get("examples", {}).values())
    return [*_of_schema(parameter["schema"], described), *examples, *ALSO, *ids]


def _of_schema(schema: dict, described: dict) -> list[object]:
    """Collect the values that a schema names, however deep."""
    if "$ref" in schema:
        return _of_schema(described["components"]["schemas"][schema["$ref"].rpartition("/")[2]], described)
    inner = [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    here = [*schema.get("enum", []), *schema.get("examples", []), *([schema["minimum"]] if "minimum" in schema else [])]
    return [*here, *(value for one in inner for value in _of_schema(one, described))]


def main() -> int:
    from tests.servers import start_servers
    from tests.web_process import web_process

    folder = Path(tempfile.mkdtemp(prefix="bo-sqlmap-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with planted() as trap:
            if not broken_by_sqlmap(trap, folder / "trap", dbms="SQLite"):
                print("sqlmap does not get into a server that was made for it")
                return 1
        print("sqlmap gets into the planted server")
        with start_servers(folder) as servers:
            os.environ.update(servers.environment())
            from backoffice.settings import settings

            settings.cache_clear()
            with web_process(servers) as web:
                return _walk(web.url, *asyncio.run(addresses(web.url)), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _walk(url: str, every: list[str], key: str, folder: Path) -> int:
    broken = []
    for address in every:
        is_broken = broken_by_sqlmap(address, folder / "ours", f"--header=Authorization: {key}")
        print(f"  {'BROKEN' if is_broken else 'holds '}  {address.removeprefix(url)}", flush=True)
        broken += [address] if is_broken else []
    print(f"sqlmap: {len(every)} addresses, {len(broken)} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
