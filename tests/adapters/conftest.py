"""Real servers for the adapters' tests: one PostgreSQL and one Valkey for all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.adapters import embedded


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Share one data folder among the tests that only need running servers."""
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def postgres(server_folder: Path) -> Iterator[embedded.PostgresUrls]:
    """Run one PostgreSQL without the cost of durability."""
    with embedded.embedded_postgres(server_folder, is_durable=False) as urls:
        yield urls


@pytest.fixture(scope="session")
def valkey_url(server_folder: Path) -> Iterator[str]:
    """Run one Valkey."""
    with embedded.embedded_valkey(server_folder) as url:
        yield url


@pytest.fixture
def database(postgres: embedded.PostgresUrls) -> Iterator[embedded.PostgresUrls]:
    """Answer an empty database of this test's own."""
    with embedded.throwaway_database(postgres) as urls:
        yield urls


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
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
