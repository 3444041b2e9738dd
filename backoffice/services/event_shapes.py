"""What the snapshot of each kind of subject holds, as JSON Schema with an example: ids and codes, nothing personal."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backoffice.models.alerts import AlertKind, AlertState, Severity
from backoffice.models.documents import DocumentStatus, DocumentType
from backoffice.models.partners import Plan
from backoffice.models.plans import SOFT_CAPS
from backoffice.models.review_tasks import Outcome, TaskStatus
from backoffice.models.verifications import VerificationStatus
from backoffice.models.webhooks import EndpointStatus

Json = dict[str, Any]
EXAMPLE_ID = "01k9x3h7c2f4v8m6n0p1q5r7s9"
ID_LETTERS = "[0-9a-hj-km-np-tv-z]{26}"
TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
YES_NO: Json = {"type": "boolean"}
TIME: Json = {"type": "string", "format": "date-time"}
CODES: Json = {"type": "array", "items": TEXT}


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of snapshot."""

    name: str
    """What the description of the API calls it."""
    subject: str
    """The `subject.type` of its events."""
    prefix: str
    """What its id begins with."""
    sentence: str
    fields: Mapping[str, Json]
    example: Mapping[str, Any]
    optional: frozenset[str] = frozenset()
    """Fields that may be missing."""

    def schema(self) -> Json:
        """Write the shape as JSON Schema; later versions may add fields, so others are not refused."""
        return {
            "type": "object",
            "title": self.name,
            "description": self.sentence,
            "required": [name for name in self.fields if name not in self.optional],
            "properties": dict(self.fields),
        }


def id_of(prefix: str) -> Json:
    """Describe an id."""
    return {"type": "string", "pattern": f"^{prefix}_{ID_LETTERS}$"}


def example_id(prefix: str) -> str:
    """Write an id that nothing has."""
    return f"{prefix}_{EXAMPLE_ID}"


def _only(value: str) -> Json:
    return {"type": "string", "const": value}


def _one_of(values: type[StrEnum]) -> Json:
    return {"type": "string", "enum": [str(value) for value in values]}


def _maybe(schema: Json) -> Json:
    return schema | {"type": [schema["type"], "null"]}


DECISION: Json = {
    "type": ["object", "null"],
    "description": "The decision in force, null before there is one.",
    "required": ["id", "outcome", "reasons"],
    "properties": {"id": id_of("dec"), "outcome": _one_of(Outcome), "reasons": CODES},
}
DOCUMENT = Shape(
    name="DocumentSnapshot",
    subject="document",
    prefix="doc",
    sentence="A document when it happened. Read `GET /documents/{id}` for the rest; that read is audited.",
    fields={
        "id": id_of("doc"),
        "object": _only("document"),
        "applicant_id": id_of("app"),
        "verification_id": id_of("ver"),
        "external_id": _maybe(TEXT),
        "type": {"type": ["string", "null"], "enum": [*map(str, DocumentType), None]},
        "status": _one_of(DocumentStatus),
        "version": WHOLE,
        "attempt": WHOLE,
        "decision": DECISION,
    },
    example={
        "id": example_id("doc"),
        "object": "document",
        "applicant_id": example_id("app"),
        "verification_id": example_id("ver"),
        "external_id": "user-8841",
        "type": "passport",
        "status": "submitted",
        "version": 1,
        "attempt": 1,
        "decision": None,
    },
)
VERIFICATION = Shape(
    name="VerificationSnapshot",
    subject="verification",
    prefix="ver",
    sentence="A verification when it happened; its status follows from its documents.",
    fields={
        "id": id_of("ver"),
        "object": _only("verification"),
        "applicant_id": id_of("app"),
        "external_id": _maybe(TEXT),
        "status": _one_of(VerificationStatus),
    },
    example={
        "id": example_id("ver"),
        "object": "verification",
        "applicant_id": example_id("app"),
        "external_id": None,
        "status": "created",
    },
)
APPLICANT = Shape(
    name="ApplicantSnapshot",
    subject="applicant",
    prefix="app",
    sentence="An applicant by id alone: what is known of them is personal and never sent.",
    fields={"id": id_of("app"), "object": _only("applicant"), "external_id": _maybe(TEXT), "version": WHOLE},
    example={"id": example_id("app"), "object": "applicant", "external_id": "user-8841", "version": 1},
)
REVIEW_TASK = Shape(
    name="ReviewTaskSnapshot",
    subject="review",
    prefix="rvt",
    sentence="The human work on one document; never who works on it.",
    fields={
        "id": id_of("rvt"),
        "object": _only("review_task"),
        "document_id": id_of("doc"),
        "external_id": _maybe(TEXT),
        "status": _one_of(TaskStatus),
    },
    example={
        "id": example_id("rvt"),
        "object": "review_task",
        "document_id": example_id("doc"),
        "external_id": "user-8841",
        "status": "claimed",
    },
)
API_KEY = Shape(
    name="ApiKeySnapshot",
    subject="api_key",
    prefix="key",
    sentence="An API key by name, scopes and last four letters.",
    fields={
        "id": id_of("key"),
        "object": _only("api_key"),
        "name": TEXT,
        "livemode": YES_NO,
        "scopes": CODES,
        "last_four": TEXT,
        "expires_at": _maybe(TIME),
    },
    example={
        "id": example_id("key"),
        "object": "api_key",
        "name": "production",
        "livemode": True,
        "scopes": ["documents:read", "documents:write"],
        "last_four": "x7Qa",
        "expires_at": None,
    },
    optional=frozenset({"expires_at"}),
)
WEBHOOK_ENDPOINT = Shape(
    name="WebhookEndpointSnapshot",
    subject="webhook_endpoint",
    prefix="whk",
    sentence="A webhook endpoint when it happened, without its secret.",
    fields={
        "id": id_of("whk"),
        "object": _only("webhook_endpoint"),
        "url": TEXT,
        "status": _one_of(EndpointStatus),
        "disabled_reason": TEXT,
    },
    example={
        "id": example_id("whk"),
        "object": "webhook_endpoint",
        "url": "https://hooks.partner.example/kyc",
        "status": "enabled",
        "disabled_reason": "",
    },
)
FAILURE: Json = {
    "type": "object",
    "description": "What came of the try that decided it.",
    "required": ["status", "error", "attempt"],
    "properties": {"status": _maybe(WHOLE), "error": TEXT, "attempt": WHOLE},
}
FAILING = Shape(
    name="FailingEndpointSnapshot",
    subject="webhook_endpoint",
    prefix="whk",
    sentence="A webhook endpoint that does not take our events, and how its last try ended.",
    fields={**WEBHOOK_ENDPOINT.fields, "failure": FAILURE},
    example={**WEBHOOK_ENDPOINT.example, "failure": {"status": 503, "error": "", "attempt": 4}},
)
RECOVERED = Shape(
    name="RecoveredEndpointSnapshot",
    subject="webhook_endpoint",
    prefix="whk",
    sentence="A webhook endpoint that takes our events again, and since when it had not.",
    fields={**WEBHOOK_ENDPOINT.fields, "failed_since": _maybe(TIME)},
    example={**WEBHOOK_ENDPOINT.example, "failed_since": "2026-11-23T08:31:05+00:00"},
)
EXHAUSTED = Shape(
    name="ExhaustedDeliverySnapshot",
    subject="webhook_endpoint",
    prefix="whk",
    sentence="A webhook endpoint, the delivery to it that was given up, and how its last try ended.",
    fields={
        **WEBHOOK_ENDPOINT.fields,
        "delivery": {
            "type": "object",
            "required": ["id", "event_id", "event_type", "attempts"],
            "properties": {"id": id_of("dlv"), "event_id": id_of("evt"), "event_type": TEXT, "attempts": WHOLE},
        },
        "failure": FAILURE,
    },
    example={
        **WEBHOOK_ENDPOINT.example,
        "delivery": {
            "id": example_id("dlv"),
            "event_id": example_id("evt"),
            "event_type": "document.approved",
            "attempts": 10,
        },
        "failure": {"status": None, "error": "timeout", "attempt": 10},
    },
)
QUOTA = Shape(
    name="QuotaSnapshot",
    subject="partner",
    prefix="ptr",
    sentence="What a company used of what its plan includes in a month.",
    fields={
        "id": id_of("ptr"),
        "object": _only("quota"),
        "metric": TEXT,
        "plan": {"type": "string", "enum": [str(plan) for plan in Plan]},
        "included": WHOLE,
        "used": WHOLE,
        "resets_at": TIME,
    },
    example={
        "id": example_id("ptr"),
        "object": "quota",
        "metric": "documents",
        "plan": "standard",
        "included": 10000,
        "used": 8000,
        "resets_at": "2026-12-01T00:00:00Z",
    },
)
THRESHOLD = Shape(
    name="QuotaThresholdSnapshot",
    subject="partner",
    prefix="ptr",
    sentence="What a company used, and which threshold that reached.",
    fields={**QUOTA.fields, "percent": {"type": "integer", "enum": list(SOFT_CAPS)}},
    example={**QUOTA.example, "percent": SOFT_CAPS[0]},
)
INVOICE = Shape(
    name="InvoiceSnapshot",
    subject="invoice",
    prefix="inv",
    sentence="An invoice that will not change any more.",
    fields={"id": id_of("inv"), "object": _only("invoice"), "month": TEXT, "status": TEXT},
    example={"id": example_id("inv"), "object": "invoice", "month": "2026-11", "status": "finalized"},
)
PLAN = Shape(
    name="PlanSnapshot",
    subject="partner",
    prefix="ptr",
    sentence="The plan that a company is on, or will be on.",
    fields={
        "id": id_of("ptr"),
        "object": _only("plan"),
        "plan": {"type": "string", "enum": [str(plan) for plan in Plan]},
        "before": {"type": "string", "enum": [str(plan) for plan in Plan]},
        "effective_at": TIME,
    },
    example={
        "id": example_id("ptr"),
        "object": "plan",
        "plan": "enterprise",
        "before": "standard",
        "effective_at": "2026-11-23T10:15:00Z",
    },
)
EXPORT = Shape(
    name="ExportSnapshot",
    subject="export",
    prefix="exp",
    sentence="An export that can be fetched.",
    fields={"id": id_of("exp"), "object": _only("export"), "status": TEXT},
    example={"id": example_id("exp"), "object": "export", "status": "ready"},
)
ALERT = Shape(
    name="AlertSnapshot",
    subject="alert",
    prefix="alr",
    sentence="What a rule found: `about` is the endpoint, the key or your company, `affected` how many it concerns.",
    fields={
        "id": id_of("alr"),
        "object": _only("alert"),
        "kind": {"type": "string", "enum": [str(kind) for kind in AlertKind if kind != AlertKind.SECURITY]},
        "status": _one_of(AlertState),
        "severity": _one_of(Severity),
        "about": TEXT,
        "affected": WHOLE,
        "opened_at": TIME,
        "resolved_at": _maybe(TIME),
    },
    example={
        "id": example_id("alr"),
        "object": "alert",
        "kind": "webhook_failing",
        "status": "open",
        "severity": "critical",
        "about": example_id("whk"),
        "affected": 12,
        "opened_at": "2026-11-23T10:15:00Z",
        "resolved_at": None,
    },
)
CHECKPOINT = Shape(
    name="CheckpointSnapshot",
    subject="audit",
    prefix="aud",
    sentence="A signed point of the audit trail: everything up to it is sealed.",
    fields={"id": id_of("aud"), "object": _only("audit_checkpoint"), "signed_at": TIME},
    example={"id": example_id("aud"), "object": "audit_checkpoint", "signed_at": "2026-11-23T00:00:00Z"},
)
SHAPES = (
    DOCUMENT,
    VERIFICATION,
    APPLICANT,
    REVIEW_TASK,
    API_KEY,
    WEBHOOK_ENDPOINT,
    FAILING,
    RECOVERED,
    EXHAUSTED,
    QUOTA,
    THRESHOLD,
    INVOICE,
    PLAN,
    EXPORT,
    ALERT,
    CHECKPOINT,
)
