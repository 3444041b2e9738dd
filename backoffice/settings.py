"""The only reader of the environment (prefix `BACKOFFICE_`, secrets also as `…_FILE`)."""

import json
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "BACKOFFICE_"
ROOT = Path(__file__).resolve().parents[1]
"""The checkout: a relative data folder lies in it, wherever a command is called from."""
MIN_SECRET_LENGTH = 32
MASTER_SECRETS = ("secret_key", "secret_key_previous")
DEFAULT_REGION = "default"
"""Where the data of partners are who were given no other region: `STORAGE_URL` and `KEK_URL`."""
REGION = re.compile(r"[a-z][a-z0-9_]{0,30}")
BY_REGION = {"storage_urls": "STORAGE_URL", "kek_urls": "KEK_URL", "kek_previous_urls": "KEK_PREVIOUS_URL"}
"""Settings that each region has for itself, `<setting>_<REGION>`."""
PROVIDED_CHECKS = ("text", "image_quality", "face_match")
"""Those for which `SCREENING_<CHECK>` may name a provider."""


class SettingsError(SystemExit):
    """A setting is wrong: start-up stops with one sentence that names it."""


class RuntimeFile(PydanticBaseSettingsSource):
    """What `backoffice up` runs with, written by it, so that a command beside it finds the same servers and secret."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 pydantic's signature
        """Answer nothing: all values come at once from __call__."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Read `runtime.json` of the data folder, the weakest source of all; it names the secret's file only."""
        return self.known(ROOT / (self.current_state.get("data_dir") or ".data"))

    @staticmethod
    def known(folder: Path) -> dict[str, Any]:
        """Read what a folder's file says; nothing where there is none. The secret before may have been let go since."""
        try:
            known = dict(json.loads((folder / "runtime.json").read_text()))
            now, before = (known.pop(f"{name}_file", None) for name in MASTER_SECRETS)
            files = {"secret_key": now, "secret_key_previous": before if before and Path(before).exists() else None}
            return known | {name: Path(file).read_text().strip() for name, file in files.items() if file}
        except (OSError, ValueError):
            return {}


class Settings(BaseSettings):
    """Every setting; the docs' operator guide lists them with their meaning."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    port: int = Field(default=8000, ge=1, le=65535)
    host: str = "127.0.0.1"
    data_dir: Path = ROOT / ".data"
    database_url: SecretStr | None = None
    database_owner_url: SecretStr | None = None
    keystore_url: SecretStr | None = None
    keystore_owner_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    storage_url: SecretStr | None = None
    storage_urls: dict[str, SecretStr] = Field(default_factory=dict)
    public_url: str = ""
    files_url: str = ""
    secret_key: SecretStr | None = None
    secret_key_previous: SecretStr | None = None
    kek_url: str = ""
    kek_previous_url: str = ""
    kek_urls: dict[str, str] = Field(default_factory=dict)
    kek_previous_urls: dict[str, str] = Field(default_factory=dict)
    smtp_url: SecretStr | None = None
    sentry_dsn: SecretStr | None = None
    metrics_token: SecretStr | None = None
    demo: bool = False
    challengers: Annotated[tuple[str, ...], NoDecode] = ()
    passkey_roles: Annotated[tuple[str, ...], NoDecode] = ()
    breached_passwords: Path | None = None
    webhook_allow_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    web_workers: int = Field(default=2, ge=1, le=64)
    web_hosts: int = Field(default=1, ge=1, le=1000)
    trusted_proxy_hops: int = Field(default=0, ge=0, le=8)
    screening_text: Literal["local", "aws"] = "local"
    screening_image_quality: Literal["local", "aws"] = "local"
    screening_face_match: Literal["local", "aws"] = "local"
    screening_aws_region: Annotated[str, Field(validate_default=True)] = ""
    screening_aws_endpoint: str = ""
    undo_seconds: float = Field(default=8, ge=0, le=60)
    claim_seconds: int = Field(default=300, ge=5, le=3600)
    correction_hours: int = Field(default=24, ge=0, le=720)
    appeal_days: int = Field(default=30, ge=0, le=365)
    question_hours: int = Field(default=72, ge=1, le=720)
    audit_lock_days: int = Field(default=2557, ge=0, le=36500)
    keep_sessions_days: int = Field(default=90, ge=1, le=3650)
    keep_invitations_days: int = Field(default=90, ge=1, le=3650)
    keep_resets_days: int = Field(default=30, ge=1, le=3650)
    keep_browsers_days: int = Field(default=90, ge=1, le=400)
    session_idle_minutes: int = Field(default=60, ge=1, le=1440)
    session_hours: int = Field(default=12, ge=1, le=24)
    step_up_minutes: int = Field(default=10, ge=1, le=720)
    export_alone: int = Field(default=1000, ge=0, le=999_999)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the environment, then the embedded servers' addresses; no other file is named."""
        return init_settings, env_settings, dotenv_settings, file_secret_settings, RuntimeFile(settings_cls)

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in cls.model_fields:
            path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
            if path:
                values[name] = Path(path).read_text().strip()
        for name, setting in BY_REGION.items():
            values.setdefault(name, _by_region(f"{PREFIX}{setting}_"))
        return values

    @field_validator("webhook_allow_hosts", "challengers", "passkey_roles", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return value

    @field_validator(*BY_REGION)
    @classmethod
    def _are_regions(cls, value: dict[str, object]) -> dict[str, object]:
        for name in value:
            if name == DEFAULT_REGION or not REGION.fullmatch(name):
                message = (
                    f"names the region {name!r}; a region has small letters, digits and _ and is not called default"
                )
                raise ValueError(message)
        return value

    @field_validator("data_dir", "breached_passwords")
    @classmethod
    def _in_the_checkout(cls, value: Path | None) -> Path | None:
        return ROOT / value if value else None

    @field_validator(*MASTER_SECRETS)
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value()) < MIN_SECRET_LENGTH:
            message = f"must have at least {MIN_SECRET_LENGTH} characters"
            raise ValueError(message)
        return value

    @field_validator("files_url")
    @classmethod
    def _is_another_host(cls, value: str, info: ValidationInfo) -> str:
        parts, ours = urlsplit(value or "http://unset"), urlsplit(info.data.get("public_url") or "http://localhost")
        is_bare = parts.path in {"", "/"} and not parts.query and parts.scheme in {"http", "https"}
        if not is_bare or not parts.hostname or parts.hostname == ours.hostname:
            message = "must look like https://files.example.com, with another host than PUBLIC_URL"
            raise ValueError(message)
        if ours.scheme == "https" and value and parts.scheme != "https":
            message = "must begin with https:// as PUBLIC_URL does"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("screening_aws_region")
    @classmethod
    def _is_where_pictures_go(cls, value: str, info: ValidationInfo) -> str:
        if not value and "aws" in {info.data.get(f"screening_{check}") for check in PROVIDED_CHECKS}:
            message = "must name the region that pictures are sent to, since a SCREENING_ setting says aws"
            raise ValueError(message)
        return value

    @field_validator("smtp_url")
    @classmethod
    def _can_mail(cls, value: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(value.get_secret_value() if value else "smtp://unset?from=@")
        sender = parse_qs(parts.query).get("from", [""])[-1]
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or "@" not in sender:
            message = "must look like smtp://user:password@host:587?from=name@domain"
            raise ValueError(message)
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _can_report(cls, value: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(value.get_secret_value() if value else "https://key@host/1")
        is_whole = parts.hostname and parts.username and parts.path.rpartition("/")[2].isdecimal()
        if parts.scheme not in {"http", "https"} or not is_whole:
            message = "must look like https://key@host/1"
            raise ValueError(message)
        return value

    @property
    def provided_checks(self) -> frozenset[str]:
        """The checks that a provider carries out instead of this installation."""
        return frozenset(check for check in PROVIDED_CHECKS if getattr(self, f"screening_{check}") != "local")

    @property
    def master_secrets(self) -> tuple[str, ...]:
        """The master secret, and the one before while it is changed; the first one is required."""
        before = self.secret_key_previous
        return self.required("secret_key"), *([before.get_secret_value()] if before else [])

    @property
    def key_store(self) -> str:
        """Where the applicants' data keys are, by the application's role: without a setting in the main database."""
        return self.required("keystore_url" if self.keystore_url else "database_url")

    @property
    def key_store_owner(self) -> str:
        """Reach the same place by the role that runs migrations."""
        names = ("keystore_owner_url", "keystore_url") if self.keystore_url else ("database_owner_url", "database_url")
        return self.required(next((name for name in names if getattr(self, name)), names[-1]))

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that a setting names, the default one first."""
        return DEFAULT_REGION, *sorted({*self.storage_urls, *self.kek_urls})

    @property
    def url(self) -> str:
        """The address that people and partners use, without a trailing slash."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether people reach us by TLS, which decides the cookie's flags and HSTS."""
        return self.url.startswith("https://")

    @property
    def origins(self) -> tuple[str, ...]:
        """Exact origins that may open a websocket or post a form."""
        if self.is_secure or self.public_url:
            return (self.url,)
        return tuple(f"http://{host}:{self.port}" for host in ("localhost", "127.0.0.1"))

    def required(self, name: str) -> str:
        """Answer a setting that has no default, or stop with one sentence naming it."""
        value = getattr(self, name)
        if not value:
            message = (
                f"{PREFIX}{name.upper()} is not set. Set it, or start with `make run`, which brings what a demo needs."
            )
            raise SettingsError(message)
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _by_region(start: str) -> dict[str, str]:
    """Read one setting of every region; a region's name is the rest of the setting's, in small letters."""
    found = dict[str, str]()
    for name, value in os.environ.items():
        region = name.removeprefix(start).lower()
        if not name.startswith(start) or not value or region == "file":
            continue
        is_file = region.endswith("_file")
        found[region.removesuffix("_file")] = Path(value).read_text().strip() if is_file else value
    return found


def source_of(variable: str) -> str:
    """Say where a setting comes from, by the name of its variable: file, environment, runtime or default.

    What `backoffice up` chose and hands to its children as environment is of the runtime.
    """
    if os.environ.get(f"{variable}_FILE"):
        return "file"
    given = os.environ.get(variable)
    chosen = RuntimeFile.known(settings().data_dir).get(variable.removeprefix(PREFIX).lower())
    if given:
        return "runtime" if chosen is not None and str(chosen) == given else "environment"
    return "default" if chosen is None else "runtime"


def child_environment(**settings_: object) -> dict[str, str]:
    """Make the environment of a child process: ours, with the named settings on top; None takes one away."""
    environment = dict(os.environ)
    for name, value in settings_.items():
        key = f"{PREFIX}{name.upper()}"
        environment.pop(key, None)
        if value is not None:
            environment[key] = str(value)
    return environment


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False)[0]
    name = f"{PREFIX}{'_'.join(str(part) for part in first['loc']).upper()}"
    return f"The setting {name} is not usable: {first['msg']}."


def fresh_secrets() -> tuple[str, ...]:
    """Read the master secrets as they are set now: a file may hold another one than when this process began."""
    try:
        return Settings().master_secrets
    except (ValidationError, OSError):
        return ()


@lru_cache(1)
def settings() -> Settings:
    """Read the settings once per process.

    Raises SettingsError, which stops the process with one sentence naming the bad setting.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except OSError as error:
        message = f"A {PREFIX}…_FILE setting names a file that cannot be read: {error}."
        raise SettingsError(message) from None
