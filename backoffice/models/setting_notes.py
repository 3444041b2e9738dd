"""What each setting is for, in one sentence, and where it stands in a list; the values are in `settings.py`."""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Where a value comes from."""

    DEFAULT = "default"
    ENVIRONMENT = "environment"
    FILE = "file"
    RUNTIME = "runtime"
    """Chosen by `backoffice up`, which started the servers."""


@dataclass(frozen=True, slots=True)
class SettingValue:
    """One setting as this process runs with it; a secret is `set` or `not set`, and an address has no password."""

    name: str
    variable: str
    group: str
    value: str
    source: Source
    about: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class Risk:
    """A value that somebody should look at, and what to do about it."""

    variable: str
    is_grave: bool
    says: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Version:
    """What runs; empty where nobody answered."""

    what: str
    version: str


NOTES: dict[str, dict[str, str]] = {
    "Where it is reached": {
        "public_url": "The address that people and partners use; with https:// cookies become Secure.",
        "files_url": "The host of their own from which files are served; without one they come from the public one.",
        "host": "The address on which web listens.",
        "port": "The port on which web listens.",
        "trusted_proxy_hops": "How many proxies in front may name the client's address.",
        "web_workers": "Processes of one web.",
        "web_hosts": "How many web there are; while Redis is away each process grants its share of every limit.",
    },
    "Servers and files": {
        "data_dir": "Embedded servers, documents, keys and logs; private to one user.",
        "database_url": "PostgreSQL, by the application's role, which owns nothing.",
        "database_owner_url": "PostgreSQL, by the role that runs migrations.",
        "keystore_url": "The key store, where the applicants' data keys are: a database that is backed up apart.",
        "keystore_owner_url": "The key store, by the role that runs migrations.",
        "redis_url": "Browser state, live updates and rate counters; may be lost.",
        "storage_url": "Where document files are.",
        "storage_urls": "Where document files of a region are.",
    },
    "Keys and secrets": {
        "secret_key": "The master secret, under which the other secrets are sealed.",
        "secret_key_previous": "The master secret before, while it is changed: it opens, and seals nothing new.",
        "kek_url": "The key that wraps the data keys.",
        "kek_previous_url": "Where that key was before, until everything is wrapped again.",
        "kek_urls": "The key of a region.",
        "kek_previous_urls": "Where a region's key was before.",
        "audit_lock_days": "How long a copy of a signed audit checkpoint stays locked in a bucket with Object Lock.",
    },
    "Letters and watching": {
        "smtp_url": "The mail server; without one letters are noted in the log and not sent.",
        "sentry_dsn": "Where errors are reported, scrubbed of everything personal.",
        "metrics_token": "The bearer token that reads /metrics outside the demo.",
    },
    "People who sign in": {
        "session_idle_minutes": "After how long without a sign of life a sign-in ends.",
        "session_hours": "After how long a sign-in ends at the latest.",
        "step_up_minutes": "How long a proof of who somebody is lasts for dangerous acts.",
        "export_alone": "Documents that one person may export in a day without a second person's approval.",
        "passkey_roles": "Roles that sign in with a passkey and with nothing less.",
        "breached_passwords": "A download of Pwned Passwords; without one only the shipped list of stolen ones counts.",
        "demo": "The demo: its cast, its logins on the sign-in page, and codes shown there.",
    },
    "Screening and review": {
        "screening_text": "Who reads documents: this installation, or a provider.",
        "screening_image_quality": "Who judges pictures: this installation, or a provider.",
        "screening_face_match": "Who compares faces: this installation, or a provider.",
        "screening_aws_region": "The region to which pictures are sent.",
        "screening_aws_endpoint": "Another address of that provider.",
        "challengers": "Versions of checks that run beside those that count and decide nothing.",
        "undo_seconds": "How long a verdict can be taken back.",
        "claim_seconds": "How long a reviewer's claim lasts without a sign of life.",
        "correction_hours": "How long reviewers may open their own decisions again.",
        "appeal_days": "How long after a rejection its partner may appeal.",
        "question_hours": "How long a review waits for a partner's answer.",
    },
    "Webhooks": {
        "webhook_allow_hosts": "Hosts that webhooks may reach although they are private.",
    },
    "How long is kept": {
        "keep_sessions_days": "How long sessions are kept after they ended.",
        "keep_invitations_days": "How long invitations are kept after they ended.",
        "keep_resets_days": "How long password links are kept after they ended.",
        "keep_browsers_days": "How long a browser stays known to its person.",
    },
}
"""Every setting by its group."""
