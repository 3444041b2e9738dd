"""The catalogue of events: every type with a sentence, its shape and an example; OpenAPI, docs and filters read it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from backoffice.services.event_shapes import (
    ALERT,
    API_KEY,
    APPLICANT,
    CHECKPOINT,
    DOCUMENT,
    EXHAUSTED,
    EXPORT,
    FAILING,
    INVOICE,
    PLAN,
    QUOTA,
    RECOVERED,
    REVIEW_TASK,
    TEXT,
    THRESHOLD,
    TIME,
    VERIFICATION,
    WEBHOOK_ENDPOINT,
    WHOLE,
    YES_NO,
    Json,
    Shape,
    example_id,
    id_of,
)

API_VERSION = "v1"
WILDCARD = ".*"
REFERENCE = "#/components/schemas/{}"
PREVIOUS: Json = {
    "type": "object",
    "description": "What changed, as it was before.",
    "required": ["status"],
    "properties": {"status": TEXT},
}


@dataclass(frozen=True, slots=True)
class EventType:
    """One thing that can happen."""

    name: str
    sentence: str
    shape: Shape
    was: str = ""
    """A status that it had before, in the example; types that tell none have no `previous`."""
    shows: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Where the example differs from its shape's."""
    is_sometimes_new: bool = False
    """Whether `previous` is missing when there was nothing before."""

    @property
    def family(self) -> str:
        """What stands before the dot."""
        return self.name.partition(".")[0]

    def schema(self, reference: str = REFERENCE) -> Json:
        """Write the whole envelope of this type as JSON Schema."""
        data: Json = {"object": {"$ref": reference.format(self.shape.name)}}
        if self.was:
            data["previous"] = PREVIOUS
        required = ["object"] if self.is_sometimes_new else list(data)
        properties: Json = {
            "id": id_of("evt") | {"description": "The same in `webhook-id`, on every try; drop repeats by it."},
            "object": {"type": "string", "const": "event"},
            "type": {"type": "string", "const": self.name},
            "api_version": {"type": "string", "const": API_VERSION},
            "livemode": YES_NO,
            "created_at": TIME,
            "subject": {
                "type": "object",
                "required": ["type", "id"],
                "properties": {
                    "type": {"type": "string", "const": self.shape.subject},
                    "id": id_of(self.shape.prefix),
                },
            },
            "sequence": WHOLE | {"minimum": 1, "description": "Counts per subject without gaps."},
            "data": {"type": "object", "required": required, "properties": data},
            "request_id": TEXT | {"description": "The request that made it happen; empty when it was none."},
        }
        return {"type": "object", "required": list(properties), "properties": properties}

    def example(self) -> Json:
        """Write an event of this type as a partner gets it."""
        data: Json = {"object": {**self.shape.example, **self.shows}}
        if self.was:
            data["previous"] = {"status": self.was}
        return {
            "id": example_id("evt"),
            "object": "event",
            "type": self.name,
            "api_version": API_VERSION,
            "livemode": True,
            "created_at": "2026-11-23T10:04:11.120483Z",
            "subject": {"type": self.shape.subject, "id": example_id(self.shape.prefix)},
            "sequence": int(data["object"].get("version", 1)),
            "data": data,
            "request_id": "req_019ab3f0c2f47d8e9a1b2c3d4e5f6071",
        }


def _decided(outcome: str, *reasons: str) -> Mapping[str, Any]:
    decision = {"id": example_id("dec"), "outcome": outcome, "reasons": list(reasons)}
    return {"status": outcome, "version": 5, "decision": decision}


def _document(fact: str, sentence: str, was: str = "", *, is_sometimes_new: bool = False, **shows: object) -> EventType:
    return EventType(f"document.{fact}", sentence, DOCUMENT, was, {"status": fact, **shows}, is_sometimes_new)


def _verification(fact: str, sentence: str, was: str = "") -> EventType:
    return EventType(f"verification.{fact}", sentence, VERIFICATION, was, {"status": fact})


def _endpoint(fact: str, sentence: str, **shows: object) -> EventType:
    return EventType(f"webhook_endpoint.{fact}", sentence, WEBHOOK_ENDPOINT, "", shows)


_IN_REVIEW: Mapping[str, Any] = {"status": "in_review", "version": 6}
CATALOGUE: tuple[EventType, ...] = (
    _document("created", "A document was made: submitted in one call, or begun and waiting for its files.",
              status="submitted"),
    _document("submitted", "All files are there and stored; screening is next.", "awaiting_upload", version=2,
              is_sometimes_new=True),
    _document("processing", "Screening began.", "submitted", version=2),
    _document("in_review", "A person will look at it.", "processing", version=3),
    _document("approved", "It was approved.", "in_review", **_decided("approved")),
    _document("rejected", "It was rejected; the decision holds the reasons.", "in_review",
              **_decided("rejected", "image_glare")),
    _document("resubmission_requested", "The applicant may send a better one; the reasons say what to do better.",
              "in_review", **_decided("resubmission_requested", "image_blurred")),
    _document("superseded", "A new document replaced it.", "resubmission_requested", version=6),
    _document("expired", "Nobody sent the files, or the replacement, in time.", "resubmission_requested", version=6),
    _document("canceled", "You withdrew it.", "submitted", version=2),
    _document("redacted", "Its personal data was erased; ids and the decision's codes stay.", "approved", version=7),
    _document("reopened", "It was decided and is reviewed again: an appeal, a sample, fraud found later.", "approved",
              **_IN_REVIEW),
    _document("second_review_requested", "A first person signed; a second one must.", **_IN_REVIEW),
    _document("on_hold", "The review waits for something.", **_IN_REVIEW),
    _document("escalated", "The review went to somebody with more experience.", **_IN_REVIEW),
    _document("question_asked", "The reviewer asks you something; `GET …/questions` has the words.", **_IN_REVIEW),
    _document("question_answered", "You answered; the review goes on.", **_IN_REVIEW),
    _verification("created", "A verification began."),
    _verification("pending", "Something is missing: a document, or a better one.", "created"),
    _verification("processing", "Its documents are being screened.", "pending"),
    _verification("in_review", "A person looks at one of its documents.", "processing"),
    _verification("approved", "Every required document was approved.", "in_review"),
    _verification("rejected", "A document was rejected.", "in_review"),
    _verification("resubmission_requested", "A better document is asked for.", "in_review"),
    _verification("expired", "It ended because nothing came in time.", "resubmission_requested"),
    _verification("canceled", "It, or all of its documents, was withdrawn.", "pending"),
    _verification("redacted", "The personal data of its documents was erased.", "approved"),
    EventType("applicant.created", "An applicant was made.", APPLICANT),
    EventType("applicant.updated", "Something that is known of an applicant changed.", APPLICANT, "", {"version": 2}),
    EventType("applicant.erased", "An applicant's personal data was erased; the receipt is ready.", APPLICANT, "",
              {"external_id": None, "version": 3}),
    EventType("review.claimed", "A person took the review.", REVIEW_TASK),
    EventType("review.released", "The review went back into the queue.", REVIEW_TASK, "", {"status": "queued"}),
    EventType("review.escalated", "The review went to somebody with more experience.", REVIEW_TASK, "",
              {"status": "escalated"}),
    EventType("review.sla_warning", "The review is close to its time.", REVIEW_TASK, "", {"status": "queued"}),
    EventType("review.sla_breached", "The review is past its time.", REVIEW_TASK, "", {"status": "queued"}),
    EventType("api_key.created", "A key was made.", API_KEY),
    EventType("api_key.rotated", "A key got a new secret; the old one works until its grace ends.", API_KEY),
    EventType("api_key.revoked", "A key was revoked and is refused from now on.", API_KEY),
    EventType("api_key.expiring", "A key will expire soon.", API_KEY),
    _endpoint("disabled", "An endpoint was switched off; what it is owed waits.", status="disabled",
              disabled_reason="The receiver answered 410 Gone."),
    _endpoint("secret_rotated", "An endpoint got a new secret; the old one signs beside it until the overlap ends."),
    _endpoint("test", "Nothing happened: you asked for a test. It goes to that endpoint alone."),
    EventType("webhook_endpoint.failing", "An endpoint does not take our events; we keep trying.", FAILING),
    EventType("webhook_endpoint.recovered", "An endpoint that failed takes our events again.", RECOVERED),
    EventType("webhook_endpoint.delivery_exhausted", "All tries of a delivery are used up; recover or replay it.",
              EXHAUSTED),
    EventType("alert.opened", "A rule found something, again, worse, or its mute ended: somebody should look.", ALERT),
    EventType("alert.resolved", "What an alert watched has passed; nobody need act.", ALERT, "",
              {"status": "resolved", "resolved_at": "2026-11-23T11:40:00Z"}),
    EventType("quota.threshold_reached", "80, 90 or 100 percent of the month's documents are used.", THRESHOLD),
    EventType("quota.exceeded", "A document was refused because the month's documents are used up.", QUOTA, "",
              {"used": 10000}),
    EventType("plan.changed", "Another plan is in force.", PLAN),
    EventType("plan.change_scheduled", "Another plan begins at the end of the month.", PLAN, "",
              {"plan": "free", "effective_at": "2026-12-01T00:00:00Z"}),
    EventType("plan.change_canceled", "A plan that was to begin at the end of the month does not.", PLAN, "",
              {"plan": "free", "effective_at": "2026-12-01T00:00:00Z"}),
    EventType("invoice.finalized", "An invoice is final.", INVOICE),
    EventType("export.ready", "An export can be fetched.", EXPORT),
    EventType("audit.checkpoint_signed", "The audit trail was sealed up to a point.", CHECKPOINT),
)  # fmt: skip
"""Everything that can happen (design §8, and alerts), in the order in which it is shown."""
BY_NAME: Mapping[str, EventType] = {one.name: one for one in CATALOGUE}
NAMES: tuple[str, ...] = tuple(BY_NAME)
FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(one.family for one in CATALOGUE))


def expand(wanted: Collection[str]) -> tuple[set[str], list[str]]:
    """Read names and wildcards such as `document.*`; answers the names that they mean, and what means nothing."""
    known: set[str] = set()
    unknown: list[str] = []
    for one in wanted:
        family = one.removesuffix(WILDCARD)
        meant = {name for name in NAMES if name == one or (one.endswith(WILDCARD) and BY_NAME[name].family == family)}
        known |= meant
        unknown += [] if meant else [one]
    return known, unknown
