"""A real nginx with the configuration that we ship, and the programs beside it; scripts/edge.sh brings them."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from string import Template

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backoffice.clock import present
from tests.servers import ROOT
from tests.web_process import free_port

UNPACKED = ROOT / ".edge"
TEMPLATE = ROOT / "deploy" / "nginx" / "nginx.conf.template"
HOST = "localhost"
FILES_HOST = "files.localhost"
START_SECONDS = 20
TEMP_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def program(name: str) -> str:
    """Find a program of the edge; without it a test fails and is not passed over."""
    places = (UNPACKED / "usr" / "sbin", UNPACKED / "usr" / "bin", "/usr/sbin", "/usr/local/sbin", os.environ["PATH"])
    found = shutil.which(name, path=os.pathsep.join(map(str, places)))
    assert found, f"{name} is not here: run `sh scripts/edge.sh`, or install it"
    return found


def libraries() -> dict[str, str]:
    """Let an unpacked program find what was unpacked with it."""
    folders = {str(path.parent) for path in UNPACKED.glob("**/lib/**/*.so.*")}
    return os.environ | ({"LD_LIBRARY_PATH": os.pathsep.join(sorted(folders))} if folders else {})


@dataclass(frozen=True)
class Edge:
    """A running nginx."""

    port: int
    http_port: int
    folder: Path
    certificate: Path
    upstream: str
    """Where the product answers without it."""

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    @property
    def log(self) -> str:
        return (self.folder / "access.log").read_text()

    @property
    def everything_written(self) -> str:
        return self.log + (self.folder / "error.log").read_text()

    def client(self, **headers: str) -> httpx2.AsyncClient:
        """Be a browser: with a jar of cookies and the origin of our pages."""
        headers = {"Origin": self.url, **headers}
        return httpx2.AsyncClient(base_url=self.url, headers=headers, verify=self.trust, timeout=30)

    def say(self, raw: bytes, *, name: str = HOST) -> bytes:
        """Send bytes as they are; answer what comes until the other side is silent for a second or hangs up."""
        with (
            socket.create_connection(("127.0.0.1", self.port), 10) as plain,
            self.trust.wrap_socket(plain, server_hostname=name) as line,
        ):
            line.sendall(raw)
            line.settimeout(1)
            heard = b""
            with contextlib.suppress(TimeoutError, ssl.SSLError, ConnectionError):
                while part := line.recv(65536):
                    heard += part
            return heard


def certify(folder: Path, *names: str) -> tuple[Path, Path]:
    """Make a certificate of our own for some names."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    known = [x509.DNSName(name) for name in names] + [x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(present() - timedelta(days=1))
        .not_valid_after(present() + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate, private = folder / "edge.pem", folder / "edge.key"
    certificate.write_bytes(made.public_bytes(pem))
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return certificate, private


def written(**names: object) -> str:
    """Fill in what `envsubst` fills in: our own names alone."""
    return Template(TEMPLATE.read_text()).safe_substitute({name: str(value) for name, value in names.items()})


@contextmanager
def edge(folder: Path, upstream: str, *, port: int | None = None) -> Iterator[Edge]:
    """Run nginx before a product: the shipped configuration, and folders of our own for what it does not write."""
    folder.mkdir()
    certificate, key = certify(folder, HOST, FILES_HOST)
    running = Edge(port or free_port(), free_port(), folder, certificate, f"http://{upstream}")
    text = written(
        EDGE_HOST=HOST,
        EDGE_FILES_HOST=FILES_HOST,
        EDGE_UPSTREAM=upstream,
        EDGE_HTTP_PORT=running.http_port,
        EDGE_HTTPS_PORT=running.port,
        EDGE_CERTIFICATE=certificate,
        EDGE_CERTIFICATE_KEY=key,
        EDGE_LOGS=folder,
    )
    places = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in TEMP_FOLDERS)
    configuration = folder / "nginx.conf"
    configuration.write_text(text.replace("http {\n", f"http {{\n{places}", 1))
    command = [program("nginx"), "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
    process = subprocess.Popen([*command, "-g", f"daemon off; pid {folder}/nginx.pid;"], env=libraries())
    try:
        _wait(process, running)
        yield running
    finally:
        process.terminate()
        process.wait(15)


def _wait(process: subprocess.Popen[bytes], running: Edge) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", running.port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nginx does not run:\n{(running.folder / 'error.log').read_text()}")
