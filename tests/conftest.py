"""Real PostgreSQL with real migrations, real Valkey, a real folder: one set of servers for the whole run."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.servers import Servers, start_servers
from tests.web_process import Web

ROOT = Path(__file__).resolve().parent.parent
BROWSER_TESTS = ROOT / "tests" / "e2e"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests last: Playwright keeps its event loop in this thread until the session ends.

    Any asynchronous test after it would find a loop that runs already.
    """
    items.sort(key=lambda item: BROWSER_TESTS in item.path.parents)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    folder = Path(tempfile.mkdtemp(prefix="bo-", dir="/tmp"))
    folder.chmod(0o755)
    with start_servers(folder) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _environment(request: pytest.FixtureRequest) -> Iterator[None]:
    """Point the settings at the test servers before anything reads them."""
    from backoffice.settings import settings

    if not any("servers" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield
        return
    running: Servers = request.getfixturevalue("servers")
    os.environ.update(running.environment())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
async def database(servers: Servers) -> AsyncIterator[Servers]:
    """The migrated database, through the application role."""
    from backoffice import db
    from backoffice.adapters import live

    yield servers
    await live.close()
    await db.close()


@pytest.fixture(scope="session")
def web(servers: Servers) -> Iterator[Web]:
    """A running web process with the same database, Redis and secret as the test itself."""
    from tests.web_process import web_process

    with web_process(servers) as running:
        yield running


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """Run a real HTTP server that speaks S3 and KMS, and answer its address."""
    from moto.server import ThreadedMotoServer

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()
