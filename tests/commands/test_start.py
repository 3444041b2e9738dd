"""What a stranger reads when the product cannot start: one clear sentence that says what to do."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def backoffice(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")}
    environment |= {f"BACKOFFICE_{name.upper()}": value for name, value in settings.items()}
    command = [str(Path(sys.executable).with_name("backoffice")), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    said = done.stderr.strip()
    assert done.returncode != 0
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1, said
    return said


def test_a_taken_port(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = sentence(backoffice("up", data_dir=str(tmp_path / "data"), port=str(port)))
    assert str(port) in said
    assert "BACKOFFICE_PORT=" in said


def test_a_data_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    said = sentence(backoffice("up", data_dir=str(tmp_path / "file" / "data")))
    assert "BACKOFFICE_DATA_DIR" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", "eighty"), ("port", "70000"), ("secret_key", "short"), ("web_workers", "0"), ("undo_seconds", "-1")],
)
def test_a_bad_setting_is_named(tmp_path, name, value):
    said = sentence(backoffice("doctor", data_dir=str(tmp_path), **{name: value}))
    assert f"BACKOFFICE_{name.upper()}" in said
    assert value not in said or name != "secret_key"


def test_a_secret_file_that_is_not_there(tmp_path):
    said = sentence(backoffice("doctor", data_dir=str(tmp_path), secret_key_file=str(tmp_path / "nothing")))
    assert "nothing" in said


def test_a_command_without_a_database_says_which_setting_is_missing(tmp_path):
    said = sentence(backoffice("migrate", data_dir=str(tmp_path)))
    assert "BACKOFFICE_DATABASE_URL" in said


def test_the_demo_is_refused_outside_demo_mode(tmp_path):
    said = sentence(backoffice("seed", data_dir=str(tmp_path)))
    assert "BACKOFFICE_DEMO" in said


def test_the_worker_needs_a_secret_outside_the_demo(tmp_path):
    done = backoffice("worker", data_dir=str(tmp_path), database_url="postgresql+psycopg://nobody@/none?host=/nowhere")
    assert done.returncode != 0


def test_a_python_that_is_too_old(tmp_path):
    for name in ("scripts", "requirements.txt", "requirements-test.txt", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo "Python 3.9.2"; exit 0; }\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["sh", str(ROOT / "scripts" / "install.sh")],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(old), "BACKOFFICE_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr


def test_doctor_says_how_to_mend_what_is_wrong(tmp_path):
    tmp_path.chmod(0o700)
    done = backoffice("doctor", data_dir=str(tmp_path))
    assert done.returncode == 1
    assert "BACKOFFICE_DATABASE_URL" in done.stdout
    assert "BACKOFFICE_SECRET_KEY_FILE" in done.stdout
    assert "→" in done.stdout


def test_help_is_there_for_every_command():
    listed = backoffice("--help").stdout
    for name in ("up", "web", "worker", "migrate", "seed", "doctor", "partner", "member", "key", "demo-traffic"):
        assert name in listed
    assert "create" in backoffice("partner", "--help").stdout
