"""A real server and real sockets: what is too large is refused without being held."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from backoffice.settings import settings
from tests.api.world import picture

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1024 * 1024
HEAD = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
TYPE = {"Content-Type": "multipart/form-data; boundary=b"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def granian(servers):
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers", "1", "tests.api.served:app"],
        cwd=ROOT,
        env={**os.environ, **servers.environment()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait(port):
    for _ in range(200):
        try:
            return httpx2.get(f"http://127.0.0.1:{port}/api/v1/openapi.json", timeout=5).raise_for_status()
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def peak(pid):
    """Sum the highest resident memory of the server and its children, in MB."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if int(lines["PPid"]) == pid or int(lines["Pid"]) == pid:
            total += int(lines.get("VmHWM", "0 kB").split()[0]) // 1024
    return total


def body(megabytes):
    yield HEAD + picture()
    for _ in range(megabytes):
        yield b"\0" * MEGABYTE
    yield b"\r\n--b--\r\n"


async def post(port, world, content, headers=None):
    started = time.monotonic()
    async with httpx2.AsyncClient(timeout=60) as browser:
        answer = await browser.post(
            f"http://127.0.0.1:{port}/api/v1/documents",
            headers=await world.headers() | TYPE | (headers or {}),
            content=content,
        )
    return answer, time.monotonic() - started


async def chunks(megabytes):
    for chunk in body(megabytes):
        yield chunk


async def test_300_megabytes_are_refused_fast_and_never_held(granian, acme):
    port, pid = granian
    small, _ = await post(port, acme, b"".join(body(1)))
    assert small.status_code in {201, 422}
    before = peak(pid)
    answer, seconds = await post(port, acme, chunks(300))
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert seconds < 30
    for _ in range(3):
        again, _ = await post(port, acme, chunks(300))
        assert again.status_code == 413
    assert peak(pid) - before < 24
    assert list((settings().data_dir / "spool").iterdir()) == []


async def test_sixteen_megabytes_over_a_real_socket(granian, acme):
    port, _ = granian
    answer, _ = await post(port, acme, b"".join(body(16)))
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


async def head_of(acme, *, path="documents", kind="multipart/form-data; boundary=b", rest):
    """Write the beginning of a POST with a good key, up to what `rest` says of its body."""
    key = f"Authorization: Bearer {await acme.key()}"
    return f"POST /api/v1/{path} HTTP/1.1\r\nHost: x\r\n{key}\r\nContent-Type: {kind}\r\n{rest}".encode()


async def test_a_declared_length_is_refused_before_the_body_comes(granian, acme):
    port, _ = granian
    head = await head_of(acme, rest=f"Content-Length: {300 * MEGABYTE}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head)
        assert line.recv(4096).startswith(b"HTTP/1.1 413")


async def test_a_stranger_is_refused_before_the_body_comes(granian):
    port, _ = granian
    head = f"POST /api/v1/documents HTTP/1.1\r\nHost: x\r\nContent-Length: {50 * MEGABYTE}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head.encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(
    "rest",
    ["Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n", "Content-Length: 100\r\n\r\n{}"],
    ids=["damaged", "short"],
)
async def test_a_body_that_is_never_whole_is_the_callers_fault(granian, acme, rest):
    port, _ = granian
    head = await head_of(acme, path="applicants", kind="application/json", rest=rest)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head)
        line.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: line.recv(4096), b"")).decode()
    assert answer.startswith("HTTP/1.1 400"), answer
    assert "x-request-id" in answer.lower()
    assert '"code":"bad_request"' in answer


async def test_a_caller_who_hangs_up_leaves_nothing(granian, acme):
    port, _ = granian
    head = await head_of(acme, rest=f"Content-Length: {9 * MEGABYTE}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head + HEAD + picture())
    async with httpx2.AsyncClient() as browser:
        answer = await browser.get(f"http://127.0.0.1:{port}/api/v1/documents", headers=await acme.headers())
    assert answer.json()["data"] == []
