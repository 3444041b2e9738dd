"""What a stranger reads when the product cannot start: one clear sentence that says what to do."""

import fcntl
import json
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
        said = sentence(backoffice("up", data_dir=str(tmp_path / "data"), port=str(port), demo="1"))
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


@pytest.mark.parametrize("command", ["up", "web", "worker"])
def test_nothing_starts_without_its_secrets_outside_the_demo(tmp_path, command):
    folder = str(tmp_path / "data")
    assert "BACKOFFICE_SECRET_KEY" in sentence(backoffice(command, data_dir=folder))
    said = sentence(backoffice(command, data_dir=folder, secret_key="s" * 64))
    assert "BACKOFFICE_KEK_URL" in said
    assert "backoffice keys create" in said
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_key_file_is_made_once_and_private(tmp_path):
    folder = tmp_path / "data"
    made = backoffice("keys", "create", data_dir=str(folder))
    path = Path(made.stdout.strip())
    assert (made.returncode, path.parent.parent) == (0, folder)
    assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    before = path.read_bytes()
    assert str(path) in sentence(backoffice("keys", "create", data_dir=str(folder)))
    assert path.read_bytes() == before
    assert "BACKOFFICE_KEK_URL" in sentence(backoffice("keys", "create", kek_url="aws-kms://alias/backoffice"))


def test_a_data_folder_serves_one_product_at_a_time(tmp_path):
    with (tmp_path / ".up.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        said = sentence(backoffice("up", data_dir=str(tmp_path), demo="1"))
    assert str(tmp_path) in said
    assert "BACKOFFICE_DATA_DIR" in said


def test_a_command_beside_the_running_demo_finds_its_port_and_its_secret(tmp_path):
    tmp_path.chmod(0o700)
    before = backoffice("doctor", data_dir=str(tmp_path)).stdout
    assert ":8000 is free" in before or ":8000 answers" in before
    assert "✗ master secret" in before
    script = """
from backoffice.commands import runtime
from backoffice.settings import settings
folder = settings().data_dir
runtime.tell(folder, runtime.settled(folder, {}))
"""
    environment = os.environ | {
        "BACKOFFICE_DATA_DIR": str(tmp_path),
        "BACKOFFICE_DEMO": "1",
        "BACKOFFICE_PORT": "8765",
    }
    environment.pop("BACKOFFICE_SECRET_KEY", None)
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)
    secret = (tmp_path / "keys" / "secret_key").read_text()
    assert secret not in (tmp_path / "runtime.json").read_text()
    assert (tmp_path / "runtime.json").stat().st_mode & 0o777 == 0o600
    after = backoffice("doctor", data_dir=str(tmp_path)).stdout
    assert ":8765 " in after
    assert "✓ master secret" in after


def test_what_runs_goes_on_when_the_secret_before_is_let_go(tmp_path):
    script = """
import os
from backoffice.adapters.master_secret import SecretFile
from backoffice.commands import runtime
from backoffice.settings import child_environment, settings
folder = settings().data_dir
file = SecretFile(folder)
before = file.made().read_text()
file.following()
file.turn()
known = runtime.settled(folder, {"database_url": "postgresql://nobody@127.0.0.1:1/nothing"})
runtime.tell(folder, known)
os.environ.update(child_environment(**runtime.lasting(known)))
for secrets in ((file.path.read_text(), before), (file.path.read_text(),)):
    settings.cache_clear()
    assert settings().master_secrets == secrets
    assert settings().required("database_url").startswith("postgresql")
    file.forget_before()
os.environ.pop("BACKOFFICE_DATABASE_URL"), os.environ.pop("BACKOFFICE_SECRET_KEY_FILE")
settings.cache_clear()
assert settings().required("database_url") and settings().master_secrets == secrets
"""
    environment = os.environ | {"BACKOFFICE_DATA_DIR": str(tmp_path), "BACKOFFICE_DEMO": "1"}
    for name in ("BACKOFFICE_SECRET_KEY", "BACKOFFICE_SECRET_KEY_PREVIOUS", "BACKOFFICE_DATABASE_URL"):
        environment.pop(name, None)
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)


def test_a_relative_data_folder_is_that_of_the_checkout(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "from backoffice.settings import settings; print(settings().data_dir)"],
        cwd=tmp_path,
        env={**os.environ, "BACKOFFICE_DATA_DIR": ".data"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(ROOT / ".data")


def test_the_list_of_logins_follows_the_port(tmp_path):
    (tmp_path / "demo.json").write_text(json.dumps({"url": "http://localhost:8000", "partners": []}))
    script = "from backoffice.commands import runtime; from backoffice.settings import settings; "
    script += "runtime.tell_url(settings().data_dir)"
    environment = os.environ | {"BACKOFFICE_DATA_DIR": str(tmp_path), "BACKOFFICE_PORT": "8123"}
    environment.pop("BACKOFFICE_PUBLIC_URL", None)
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)
    assert json.loads((tmp_path / "demo.json").read_text()) == {"url": "http://localhost:8123", "partners": []}


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


def test_a_passkey_role_that_does_not_exist(tmp_path):
    said = sentence(backoffice("up", data_dir=str(tmp_path / "data"), demo="1", passkey_roles="reviewer,admin"))
    assert "BACKOFFICE_PASSKEY_ROLES names admin" in said
    assert "partner_admin" in said


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://kyc.example", "https://10.0.0.7"])
@pytest.mark.parametrize("command", ["up", "web", "worker"])
def test_passkey_roles_where_passkeys_do_not_work(tmp_path, url, command):
    own = {"data_dir": str(tmp_path / "data"), "demo": "1", "passkey_roles": "partner_admin", "public_url": url}
    said = sentence(backoffice(command, **own))
    assert "BACKOFFICE_PASSKEY_ROLES" in said
    assert "BACKOFFICE_PUBLIC_URL" in said


def test_a_challenger_that_does_not_exist(tmp_path):
    said = sentence(backoffice("up", data_dir=str(tmp_path / "data"), demo="1", challengers="text=nothing@9"))
    assert "BACKOFFICE_CHALLENGERS" in said
    assert "text=nothing@9" in said
