"""Row 64: each security event is one entry that says who, what, when, where and how it ended."""

import ast
import re
from collections import Counter
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backoffice.clock import wall
from backoffice.db import Tenancy, transaction
from backoffice.models.audit_entries import AuditEntry
from tests.security import security_event_acts as acts
from tests.security import security_event_cast as cast

pytestmark = pytest.mark.usefixtures("database")
ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "compliance" / "security-events.md"
ROW = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \|", re.MULTILINE)
IN, DENIED = "ok", "denied"
EVENTS = (
    (cast.password_right, "member.signed_in", IN),
    (cast.password_wrong, "member.sign_in_failed", DENIED),
    (cast.address_unknown, "member.sign_in_failed", DENIED),
    (cast.throttled, "member.sign_in_throttled", DENIED),
    (cast.code_right, "member.signed_in", IN),
    (cast.code_wrong, "member.sign_in_failed", DENIED),
    (cast.recovery_codes_made, "member.recovery_codes_made", IN),
    (cast.recovery_code_used, "member.recovery_code_used", IN),
    (cast.factor_set_on_the_way_in, "member.second_factor_set", IN),
    (cast.own_code_wrong, "member.sign_in_failed", DENIED),
    (cast.passkey_added, "member.passkey_added", IN),
    (cast.passkey_removed, "member.passkey_removed", IN),
    (cast.passkey_right, "member.signed_in", IN),
    (cast.passkey_wrong, "member.sign_in_failed", DENIED),
    (cast.confirmed, "member.confirmed", IN),
    (cast.not_confirmed, "member.sign_in_failed", DENIED),
    (cast.signed_out, "member.signed_out", IN),
    (cast.session_revoked, "session.revoked", IN),
    (cast.password_changed, "member.password_changed", IN),
    (cast.present_password_wrong, "member.sign_in_failed", DENIED),
    (cast.reset_asked, "member.password_reset_asked", IN),
    (cast.reset_done, "member.password_reset", IN),
    (cast.key_refused, "request.refused", DENIED),
    (cast.page_refused, "page.refused", DENIED),
    (cast.handler_refused, "event.refused", DENIED),
    (acts.revealed, "personal.revealed", IN),
    (acts.export_asked, "export.asked", IN),
    (acts.export_fetched, "export.fetched", IN),
    (acts.key_made, "api_key.created", IN),
    (acts.key_used_first, "api_key.first_used", IN),
    (acts.key_rotation_started, "api_key.rotation_started", IN),
    (acts.key_rotated, "api_key.rotated", IN),
    (acts.key_revoked, "api_key.revoked", IN),
    (acts.endpoint_made, "webhook_endpoint.created", IN),
    (acts.endpoint_secret_rotated, "webhook_endpoint.secret_rotated", IN),
    (acts.endpoint_disabled, "webhook_endpoint.disabled", IN),
    (acts.endpoint_deleted, "webhook_endpoint.deleted", IN),
    (acts.settings_changed, "settings.changed", IN),
    (acts.rule_added, "retention_rule.added", IN),
    (acts.policy_drafted, "policy.drafted", IN),
    (acts.policy_published, "policy.published", IN),
    (acts.limit_granted, "partner.limit_granted", IN),
    (acts.plan_changed, "plan.changed", IN),
    (acts.role_changed, "member.role_changed", IN),
    (acts.role_made, "custom_role.created", IN),
    (acts.audit_read, "audit.read", IN),
    (acts.audit_exported, "audit.exported", IN),
)
BESIDE = {
    "recovery_code_used": {"member.signed_in", "member.new_browser_seen"},
    "passkey_right": {"member.new_browser_seen"},
    "factor_set_on_the_way_in": {"member.signed_in"},
}
"""What happens with it and has an entry of its own, once."""

JOB = re.compile(r"\.mail(_|$)")
"""Letters are jobs."""
WRITERS = {"record", "tell", "note", "_record", "_tell", "_note", "_write"}
"""Functions that take the verb of an entry, or all of its name."""
NOT_THESE = {
    "api_key.expiring": "an event for partners' servers; nobody did anything",
    "audit.checkpoint_signed": "an event for partners' servers",
    "export.write": "a job",
    "policy.backtest": "a job",
    "webhook_endpoint.delivery_exhausted": "what a partner's server did not take",
    "webhook_endpoint.failing": "what a partner's server did not take",
    "webhook_endpoint.recovered": "a partner's server takes again what it is sent",
    "webhook_endpoint.test": "an event for partners' servers",
}
"""Names that look like one of these and are no entries of somebody's act, each with its reason."""


@lru_cache
def listed() -> list[str]:
    return ROW.findall(PAGE.read_text())


def _literals(node: ast.AST) -> list[str]:
    return [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def _verbs(tree: ast.AST) -> set[str]:
    """Take the words that a module hands to what writes entries, but for the names of what changed."""
    inside = {id(key) for one in ast.walk(tree) if isinstance(one, ast.Dict) for key in one.keys}
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
    named = [(getattr(one.func, "attr", getattr(one.func, "id", "")), one) for one in calls]
    given = [node for name, one in named if name in WRITERS for part in one.args for node in ast.walk(part)]
    words = [node.value for node in given if isinstance(node, ast.Constant) and id(node) not in inside]
    return {word for word in words if isinstance(word, str) and re.fullmatch(r"[a-z_]+", word)}


def _stems(tree: ast.AST) -> set[str]:
    """Take names that are put together: `member.passkey_` of f"member.passkey_{what}"."""
    joined = [one.values[0] for one in ast.walk(tree) if isinstance(one, ast.JoinedStr) and one.values]
    return {text for one in joined for text in _literals(one) if re.fullmatch(r"[a-z_]+\.[a-z_]*", text)}


def written_by_code() -> set[str]:
    """Name every entry that the services can write, in the families of the list."""
    families, found, stems, verbs = {one.partition(".")[0] for one in listed()}, set(), {}, {}
    for path in sorted((ROOT / "backoffice" / "services").rglob("*.py")):
        tree = ast.parse(path.read_text())
        found |= {word for word in _literals(tree) if re.fullmatch(r"[a-z_]+\.[a-z_]*[a-z]", word)}
        place = path.parent if path.parent.name == "api_keys" else path
        stems.setdefault(place, set()).update(_stems(tree))
        verbs.setdefault(place, set()).update(_verbs(tree))
    found |= {stem + verb for place, some in stems.items() for stem in some for verb in verbs[place]}
    return {one for one in found if one.partition(".")[0] in families and not JOB.search(one)}


def test_64_the_list_names_what_the_code_writes():
    assert len(listed()) == len(set(listed()))
    written = written_by_code()
    assert sorted(written - set(listed()) - NOT_THESE.keys()) == []
    assert sorted(NOT_THESE.keys() - written) == []


def test_64_the_first_part_of_the_list_is_what_is_done_here():
    shown = PAGE.read_text().partition("\n## Also written")[0]
    assert sorted(ROW.findall(shown)) == sorted({action for _, action, _ in EVENTS})


async def newest() -> int:
    async with transaction(Tenancy.everyone()) as session:
        return (await session.execute(select(func.coalesce(func.max(AuditEntry.sequence), 0)))).scalar_one()


async def since(sequence: int) -> list[AuditEntry]:
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(AuditEntry.sequence > sequence).order_by(AuditEntry.sequence)
        return list((await session.execute(statement)).scalars())


@pytest.mark.parametrize(("prepare", "action", "result"), EVENTS, ids=[one[0].__name__ for one in EVENTS])
async def test_64_an_event_is_one_entry_with_who_what_when_where_and_result(prepare, action, result):
    done = await prepare()
    before, began = await newest(), wall()
    await done.act()
    found = await since(before)
    expected = {action} | BESIDE.get(prepare.__name__, set())
    assert Counter(one.action for one in found) == Counter(expected)
    [entry] = [one for one in found if one.action == action]
    assert (entry.actor_type, entry.actor_id, entry.result) == (*done.who, result)
    assert entry.actor_name
    assert began - timedelta(seconds=1) <= entry.created_at <= wall() + timedelta(seconds=1)
    if done.subject is not None:
        assert (entry.subject_type, entry.subject_id) == done.subject
    else:
        assert (bool(entry.subject_type), bool(entry.subject_id)) == (True, True)
    assert entry.ip == done.ip
    assert entry.ip
    assert entry.request_id
