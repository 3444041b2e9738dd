"""API keys: shown once, recognised by an HMAC, rotated without an outage, refused as soon as they are revoked."""

from backoffice.services.api_keys.change import Change, change
from backoffice.services.api_keys.create import create
from backoffice.services.api_keys.expire import tell_expiring
from backoffice.services.api_keys.find import get, locked, names_of, page, secrets_of
from backoffice.services.api_keys.lend import lend
from backoffice.services.api_keys.recognise import Caller, Proven, authenticate, by_id, recognise
from backoffice.services.api_keys.revoke import revoke
from backoffice.services.api_keys.rotate import DEFAULT_GRACE, MAX_GRACE, rotate
from backoffice.services.api_keys.rules import DENIABLE, MAX_ADDRESSES, MAX_NAME, WRITTEN_ALONG, handed_on
from backoffice.services.api_keys.tokens import checksum
from backoffice.services.permissions import SCOPES

__all__ = [
    "DEFAULT_GRACE",
    "DENIABLE",
    "MAX_ADDRESSES",
    "MAX_GRACE",
    "MAX_NAME",
    "SCOPES",
    "WRITTEN_ALONG",
    "Caller",
    "Change",
    "Proven",
    "authenticate",
    "by_id",
    "change",
    "checksum",
    "create",
    "get",
    "handed_on",
    "lend",
    "locked",
    "names_of",
    "page",
    "recognise",
    "revoke",
    "rotate",
    "secrets_of",
    "tell_expiring",
]
