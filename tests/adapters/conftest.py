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
