"""The security events of who is signed in already: what they read, make, change and take away, once each."""

from dataclasses import replace
from uuid import uuid4

from backoffice.models.base import new_id
from backoffice.models.exports import Asked, ExportFormat, ExportKind
from backoffice.models.members import Role
from backoffice.models.plans import LimitName
from backoffice.models.retention_rules import Draft
from backoffice.services import (
    api_keys,
    audit_entries,
    audit_files,
    colleagues,
    custom_role_changes,
    exports,
    limit_exceptions,
    plan_changes,
    policies,
    retention_rules,
    reveals,
    webhook_endpoints,
    workspace_settings,
)
from backoffice.services.access import Actor
from backoffice.services.audit_entries import Filter
from backoffice.services.permissions import Permission
from backoffice.services.workspace_settings import Rules, Security
from tests.api.world import make_world
from tests.security.security_event_cast import REQUEST, Done, by, call, entered
from tests.services import rotation_cast
from tests.services.people import make_person
from tests.services.policy_cast import APPROVES
from tests.services.review_cast import Cast, in_review
from tests.services.test_audit_seals import seal_all
from tests.services.test_exports import written


async def _admin() -> Actor:
    _, actor, _ = await entered(Role.PARTNER_ADMIN)
    return replace(actor, request_id=REQUEST)


async def _operator() -> Actor:
    _, actor, _ = await entered(Role.OPERATOR)
    return replace(actor, request_id=REQUEST)


async def revealed() -> Done:
    actor = await _admin()
    document = (await in_review(Cast(type("P", (), {"id": actor.partner_id})()))).document_id
    return by(actor, lambda: call(reveals.begin, actor, document, purpose="support"), "document", document)


async def export_asked() -> Done:
    actor = await _admin()
    key = await exports.wrap_key(actor.partner_id)
    asked = Asked(uuid4(), ExportKind.DOCUMENTS, ExportFormat.CSV, livemode=True, filters={})
    return by(actor, lambda: call(exports.begin, actor, asked, key))


async def export_fetched() -> Done:
    actor = await _admin()
    row = await written(actor)
    return by(actor, lambda: call(exports.opened, actor, row.id), "export", row.id)


async def key_made() -> Done:
    actor = await _admin()
    made = {"name": "Server", "livemode": False, "scopes": ["documents:read"]}
    return by(actor, lambda: call(api_keys.create, actor, **made))


async def key_used_first() -> Done:
    key, token = await rotation_cast.make(await make_world())
    return Done(lambda: rotation_cast.use(token), ("api_key", key.id), "203.0.113.9", ("api_key", key.id))


async def _key(actor: Actor):
    return await call(api_keys.create, actor, name="Server", livemode=False, scopes=["documents:read"])


async def key_rotation_started() -> Done:
    actor = await _admin()
    key, _ = await _key(actor)
    return by(actor, lambda: call(api_keys.rotate, actor, key.id), "api_key", key.id)


async def key_rotated() -> Done:
    actor = await _admin()
    key, old = await _key(actor)
    await rotation_cast.use(old)
    _, token = await call(api_keys.rotate, actor, key.id)
    return Done(lambda: rotation_cast.use(token), ("api_key", key.id), "203.0.113.9", ("api_key", key.id))


async def key_revoked() -> Done:
    actor = await _admin()
    key, _ = await _key(actor)
    return by(actor, lambda: call(api_keys.revoke, actor, key.id), "api_key", key.id)


async def endpoint_made() -> Done:
    actor = await _admin()
    return by(actor, lambda: call(webhook_endpoints.create, actor, url="http://127.0.0.1:9/hook", livemode=False))


async def _endpoint(function) -> Done:
    actor = await _admin()
    row, _ = await call(webhook_endpoints.create, actor, url="http://127.0.0.1:9/hook", livemode=False)
    return by(actor, lambda: call(function, actor, row.id), "webhook_endpoint", row.id)


async def endpoint_secret_rotated() -> Done:
    return await _endpoint(webhook_endpoints.rotate_secret)


async def endpoint_disabled() -> Done:
    return await _endpoint(webhook_endpoints.disable)


async def endpoint_deleted() -> Done:
    return await _endpoint(webhook_endpoints.delete)


async def settings_changed() -> Done:
    actor = await _admin()
    wanted = Rules(0, Security(session_hours=4))
    return by(actor, lambda: call(workspace_settings.save, actor, wanted))


async def rule_added() -> Done:
    actor = await _operator()
    partner_id = (await make_world()).partner_id
    draft = Draft(days=30, basis="Contract", partner_id=partner_id)
    return by(actor, lambda: call(retention_rules.set_rule, actor, draft))


async def policy_drafted() -> Done:
    actor, partner_id = await _operator(), (await make_world()).partner_id
    return by(actor, lambda: call(policies.draft, actor, source=APPROVES, note="", partner_id=partner_id))


async def policy_published() -> Done:
    writer, actor, partner_id = await _operator(), await _operator(), (await make_world()).partner_id
    version = await call(policies.draft, writer, source=APPROVES, note="", partner_id=partner_id)
    return by(actor, lambda: call(policies.publish, actor, version.id), "policy_version", version.id)


async def limit_granted() -> Done:
    actor, partner_id = await _operator(), (await make_world()).partner_id
    name = LimitName.DOCUMENTS_PER_MONTH
    act = lambda: call(limit_exceptions.grant, actor, partner_id, name, value=999_999, reason="Ticket 64")  # noqa: E731
    return by(actor, act, "partner", partner_id)


async def plan_changed() -> Done:
    actor = await _admin()
    return by(actor, lambda: call(plan_changes.change, actor, plan_changes.Plan.ENTERPRISE))


async def role_changed() -> Done:
    actor = await _admin()
    other = await make_person(Role.PARTNER_DEVELOPER, actor.partner_id)
    named = {"before": Role.PARTNER_DEVELOPER}
    act = lambda: call(colleagues.change_role, actor, other.id, Role.PARTNER_ANALYST, **named)  # noqa: E731
    return by(actor, act, "member", other.id)


async def role_made() -> Done:
    actor = await _admin()
    named = {"name": f"Desk {new_id().hex[:6]}", "permissions": [Permission.DOCUMENTS_READ, Permission.AUDIT_READ]}
    return by(actor, lambda: call(custom_role_changes.create, actor, **named))


async def audit_read() -> Done:
    actor = await _admin()
    return by(actor, lambda: call(audit_entries.page, actor, Filter()), "", None)


async def audit_exported() -> Done:
    actor = await _admin()
    await seal_all()
    return by(actor, lambda: call(audit_files.begin, actor, audit_files.Scope()), "", None)
