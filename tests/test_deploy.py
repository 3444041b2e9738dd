"""What we ship for running it: every name in it is one that somebody reads. No container is started here."""

import re
import subprocess
from pathlib import Path

import yaml

from backoffice.cli import app
from backoffice.settings import BY_REGION, PREFIX, Settings
from tests.servers import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
SHIPPED = [ROOT / "compose.yaml", ROOT / "Dockerfile", *filter(Path.is_file, (ROOT / "deploy").rglob("*"))]
SETTING = re.compile(rf"{PREFIX}([A-Z_]+)")
EDGE = re.compile(r"\$\{(EDGE_[A-Z_]+)\}")
OURS = ("migrate", "web", "worker")


def test_every_setting_that_we_ship_exists():
    known = {name.upper() for name in Settings.model_fields} | set(BY_REGION.values())
    texts = [path.read_text() for path in SHIPPED]
    named = {found.removesuffix("_FILE") for text in texts for found in SETTING.findall(text)}
    assert "DATABASE_URL" in named
    assert named - known == set()


def test_every_name_of_the_edge_is_given_and_documented():
    named = set(EDGE.findall((ROOT / "deploy/nginx/nginx.conf.template").read_text()))
    assert {name for name in SERVICES["nginx"]["environment"] if name.startswith("EDGE_")} == named
    told = (ROOT / "docs/operating.md").read_text()
    assert [name for name in named if f"{name}=" not in told] == []


def test_services_say_what_the_command_line_knows_and_wait_for_one_another():
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert {SERVICES[name]["command"][0] for name in OURS} <= commands
    assert {waited for one in SERVICES.values() for waited in one.get("depends_on", {})} <= set(SERVICES)
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["nginx"]


def test_the_secrets_that_are_asked_for_are_made(tmp_path):
    script = ROOT / "deploy/compose/secrets.sh"
    for _ in range(2):
        said = subprocess.run(["sh", str(script), str(tmp_path / "kept")], check=True, capture_output=True, text=True)
        made = {path.name: path.read_text() for path in (tmp_path / "kept").iterdir()}
    assert {name for name in COMPOSE["secrets"] if name not in made} == {"certificate", "certificate_key"}
    assert said.stdout.count("Put your") == 2
    assert f":{made['app_password']}@postgres" in made["database_url"]
    assert f":{made['owner_password']}@postgres" in made["database_owner_url"]
    assert len({made[name] for name in ("secret_key", "postgres_password", "owner_password", "app_password")}) == 4
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0
    asked = {secret for one in SERVICES.values() for secret in one.get("secrets", [])}
    assert asked == set(COMPOSE["secrets"])
    Settings(secret_key=made["secret_key"])


def test_what_is_mounted_is_there():
    volumes = [volume for one in SERVICES.values() for volume in one.get("volumes", [])]
    mounted = [volume.split(":")[0] for volume in volumes if volume.startswith("./")]
    assert [name for name in mounted if not (ROOT / name).is_file()] == []
    assert {volume.split(":")[0] for volume in volumes if not volume.startswith("./")} == set(COMPOSE["volumes"])
