"""Two regions with an S3 of their own each, in processes of their own, and keys of their own each."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import boto3
import psycopg
import pytest

from backoffice.adapters import kms
from backoffice.adapters.key_file import KeyFile
from backoffice.db import Tenancy, transaction
from backoffice.models.base import new_id
from backoffice.models.partners import Partner
from backoffice.services import regions
from backoffice.settings import settings

BUCKET = "papers"
"""The same in both: which endpoint is asked is all that keeps them apart."""
REGIONS = ("eu", "in")


@contextmanager
def s3_server() -> Iterator[str]:
    """Run one real S3 and KMS; two of them in one process would share what they hold."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/moto-api/")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            with urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)


@dataclass(frozen=True)
class Place:
    """One region as somebody sees it who holds its bucket and its keys."""

    region: str
    endpoint: str

    def objects(self) -> dict[str, bytes]:
        """Read everything that the bucket holds."""
        client = boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1")
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        names = [one["Key"] for page in pages for one in page.get("Contents", ())]
        return {name: client.get_object(Bucket=BUCKET, Key=name)["Body"].read() for name in names}

    def of(self, partner_id) -> list[str]:
        """Name the objects whose name, or whose bytes, say that they are a partner's."""
        known = str(partner_id).encode()
        return [name for name, data in self.objects().items() if known in name.encode() or known in data]


@pytest.fixture(scope="session")
def endpoints() -> Iterator[dict[str, str]]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        with s3_server() as eu, s3_server() as india:
            yield {"eu": eu, "in": india}


@pytest.fixture
def places(endpoints, database, tmp_path, monkeypatch) -> Iterator[dict[str, Place]]:
    """Set two regions up: eu with a key file, in with a key service; afterwards nobody was ever there."""
    for region, endpoint in endpoints.items():
        boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=BUCKET)
        url = f"s3://{BUCKET}/files?endpoint={endpoint}&region=us-east-1"
        monkeypatch.setenv(f"BACKOFFICE_STORAGE_URL_{region.upper()}", url)
    KeyFile.create(tmp_path / "eu.json")
    monkeypatch.setenv("BACKOFFICE_KEK_URL_EU", str(tmp_path / "eu.json"))
    service = boto3.client("kms", endpoint_url=endpoints["in"], region_name="us-east-1")
    key = service.create_key()["KeyMetadata"]["KeyId"]
    monkeypatch.setenv("BACKOFFICE_KEK_URL_IN", f"aws-kms://{key}?endpoint={endpoints['in']}&region=us-east-1")
    settings.cache_clear()
    yield {region: Place(region, endpoint) for region, endpoint in endpoints.items()}
    monkeypatch.undo()
    settings.cache_clear()
    _nobody_was_there(database)
    for endpoint in endpoints.values():
        bucket = boto3.resource("s3", endpoint_url=endpoint, region_name="us-east-1").Bucket(BUCKET)
        bucket.objects.all().delete()
        bucket.delete()


def _nobody_was_there(servers) -> None:
    """Leave no region behind in the database that all tests share; only the owner can, past the guard."""
    with psycopg.connect(servers.owner_url.replace("+psycopg", "")) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        owner.execute("alter table partners disable trigger guard_region")
        owner.execute("update partners set region = 'default' where region <> 'default'")
        owner.execute("alter table partners enable trigger guard_region")
    with psycopg.connect(servers.keys_owner_url.replace("+psycopg", "")) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        owner.execute("delete from keystore.data_keys where region <> 'default'")
    regions._known.clear()


async def partner_in(region: str) -> Partner:
    slug = f"r-{new_id().hex[-12:]}"
    async with transaction(Tenancy.everyone()) as session:
        partner = Partner(name=slug, slug=slug, region=region, plan="enterprise")
        session.add(partner)
    return partner


def local_files() -> list[Path]:
    """List what the default region's folder holds."""
    return [path for path in (settings().data_dir / "documents").rglob("*") if path.is_file()]


def key_names(region: str) -> str:
    return kms.key_encryption(region).newest_id()


def settings_without(monkeypatch, *names: str) -> None:
    for name in names:
        monkeypatch.delenv(f"BACKOFFICE_{name}")
        os.environ.pop(f"BACKOFFICE_{name}", None)
    settings.cache_clear()
