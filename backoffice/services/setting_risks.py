"""Values that somebody should look at: what each of them means, and what to do about it."""

from collections.abc import Iterator

from backoffice.adapters import key_store
from backoffice.adapters.key_store import Apart
from backoffice.adapters.pwned_passwords import FEW_SAMPLES, PwnedPasswords
from backoffice.models.setting_notes import Risk
from backoffice.services.access import Actor, Permission
from backoffice.settings import PREFIX, Settings, settings


def found(actor: Actor) -> list[Risk]:
    """List what is risky about this process's settings, the grave ones first; it reads files, so run it in a thread."""
    actor.require(Permission.JOBS_READ)
    return of(settings())


def of(own: Settings) -> list[Risk]:
    """List what is risky about settings."""
    risks = [*_doors(own), *_passwords(own), *_keys(own), *_watching(own), *_key_store(own), *_places(own)]
    return sorted(risks, key=lambda one: not one.is_grave)


def _risk(name: str, says: str, remedy: str, *, is_grave: bool = False) -> Risk:
    return Risk(f"{PREFIX}{name}", is_grave, says, remedy)


def _doors(own: Settings) -> Iterator[Risk]:
    if own.demo:
        yield _risk(
            "DEMO",
            "The demo is on: everybody can sign in as anybody of its cast, and /metrics is open.",
            "Set it to 0 and start with an empty data folder before real data comes in.",
            is_grave=True,
        )
    if not own.is_secure:
        yield _risk(
            "PUBLIC_URL",
            "People reach this installation without TLS: passwords, cookies and documents can be read on the way.",
            "Put a proxy with TLS in front and set the address with https://.",
            is_grave=not own.demo,
        )
    if own.webhook_allow_hosts:
        yield _risk(
            "WEBHOOK_ALLOW_HOSTS",
            f"Webhooks may reach hosts inside your network: {', '.join(own.webhook_allow_hosts)}.",
            "Leave it empty, unless a receiver of your own is really there.",
            is_grave=not own.demo,
        )
    if own.is_secure and not own.trusted_proxy_hops:
        yield _risk(
            "TRUSTED_PROXY_HOPS",
            "TLS ends at a proxy that may not name its clients: limits and the audit trail see one address for all.",
            "Set it to the number of proxies in front.",
        )


def _passwords(own: Settings) -> Iterator[Risk]:
    wrong = PwnedPasswords(own.breached_passwords).fault(samples=FEW_SAMPLES) if own.breached_passwords else ""
    if wrong:
        yield _risk(
            "BREACHED_PASSWORDS",
            f"Nobody can choose a new password: {wrong}",
            "Put the download of Pwned Passwords there, ordered by hash, or leave the setting out and restart.",
            is_grave=True,
        )


def _keys(own: Settings) -> Iterator[Risk]:
    if not own.kek_url.startswith("aws-kms://"):
        yield _risk(
            "KEK_URL",
            "The key that opens every person's data is a file on this machine.",
            "Use a key service (aws-kms://…), or keep the file's copies apart from the data.",
        )
    if own.kek_previous_url:
        yield _risk(
            "KEK_PREVIOUS_URL",
            "The keys of before still open data.",
            "When `backoffice keys list` shows nothing under the old key, take it away.",
        )
    if own.secret_key_previous:
        yield _risk(
            "SECRET_KEY_PREVIOUS",
            "The master secret of before still opens what is sealed.",
            "Run `backoffice secrets retire master` when `secrets list` shows nothing under it, then take it away.",
        )
    if not own.audit_lock_days:
        yield _risk(
            "AUDIT_LOCK_DAYS",
            "Copies of signed audit checkpoints are not locked: who can write the bucket can delete them.",
            "Leave the default of seven years, in a bucket with Object Lock.",
        )


def _watching(own: Settings) -> Iterator[Risk]:
    if own.smtp_url is None:
        yield _risk(
            "SMTP_URL",
            "No letter is sent: invitations, new passwords, alerts and security letters stand in the log alone.",
            "Set a mail server.",
            is_grave=not own.demo,
        )
    if own.sentry_dsn is None:
        yield _risk(
            "SENTRY_DSN",
            "Errors are told in the log alone.",
            "Watch the log, or set where errors are reported; they are scrubbed before.",
        )
    if own.metrics_token is None and not own.demo:
        yield _risk(
            "METRICS_TOKEN",
            "/metrics answers nobody: nothing tells you of late jobs and deliveries.",
            "Set a long random token and give it to Prometheus.",
        )


def _key_store(own: Settings) -> Iterator[Risk]:
    if own.database_url is not None and key_store.apart(own) is not Apart.SERVER:
        yield _risk(
            "KEYSTORE_URL",
            "Data keys are on the server of the main database: its backups can open who was erased since.",
            "Name a database on a server of its own, and keep its backups for seven days.",
        )


def _places(own: Settings) -> Iterator[Risk]:
    url = own.storage_url.get_secret_value() if own.storage_url else ""
    if own.web_hosts > 1 and not url.startswith("s3://"):
        yield _risk(
            "STORAGE_URL",
            "Several hosts are said to serve, and documents lie in a folder of this one.",
            "Use a storage that all of them reach (s3://…).",
            is_grave=True,
        )
    if own.database_owner_url is None or own.database_url is None:
        return
    if own.database_owner_url.get_secret_value() == own.database_url.get_secret_value():
        yield _risk(
            "DATABASE_OWNER_URL",
            "The application works as the owner of its tables, who can take row-level security away.",
            "Give migrations a role of their own, and the application one that owns nothing.",
            is_grave=True,
        )
