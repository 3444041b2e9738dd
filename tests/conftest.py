"""Real PostgreSQL with real migrations, real Valkey, a real folder: one set of servers for the whole run."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests import controls
from tests.servers import Servers, start_servers
from tests.web_process import Web

if TYPE_CHECKING:
    from tests.oidc_provider import Provider

settings.register_profile("clockless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clockless")
"""A busy machine is no reason to fail."""
BROWSER = "tests/e2e/"
SLOW = ("tests/jobs/", "tests/api/test_schemathesis", "tests/api/test_event_streams", "tests/adapters/")


class ByFile(LoadScopeScheduling):
    """Give whole files to the processes of a run, and all browser tests to one: they share a product."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid.partition("::")[0]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of tests by the rows of docs/compliance/controls.md."""
    parser.addoption(
        "--controls", nargs="?", const=controls.ALL, help="only the tests of these rows (60,62), or of all"
    )


def pytest_configure(config: pytest.Config) -> None:
    if asked := config.getoption("--controls"):
        config.pluginmanager.register(controls.Controls(asked))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that the processes of a run end together; a browser's test has three tries.

    A browser on a busy machine shares its minute with everything else: what fails and then holds is listed as RERUN
    at the end of the run, to be looked at, and is not red. Every other test has one try.
    """
    for item in items:
        if item.nodeid.startswith(BROWSER):
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=2))
    items.sort(key=lambda item: (not item.nodeid.startswith(BROWSER), not item.nodeid.startswith(SLOW)))


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
    from backoffice.adapters import live, outbound

    yield servers
    await outbound.close()
    await live.close()
    await db.close()


@pytest.fixture(scope="session")
def web(servers: Servers) -> Iterator[Web]:
    """A running web process with the same database, Redis and secret as the test itself."""
    from tests.web_process import web_process

    with web_process(servers) as running:
        yield running


@pytest.fixture(scope="session")
def provider() -> "Iterator[Provider]":
    """An OpenID provider as a process of its own; a test that lets it lie tells it the truth again."""
    from tests.oidc_provider import provider_process

    with provider_process() as running:
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


@pytest.fixture(scope="module")
def gate() -> Iterator[None]:
    """Leave no child of the gate of files behind."""
    from backoffice.services import intake

    yield
    intake.admission().close()
    intake.admission.cache_clear()
