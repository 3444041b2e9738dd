"""Events in words: whatever there is an event of can be shown, or one line of it would take a whole page away."""

from uuid import uuid4

from backoffice.models.events import Event
from backoffice.services.event_types import NAMES
from backoffice.services.events import SUBJECT_PREFIX
from backoffice.viewmodels.events import SENTENCES, SUBJECTS, event_row


def test_every_subject_of_an_event_can_be_shown():
    assert {name: prefix for name, (prefix, _) in SUBJECTS.items()} == dict(SUBJECT_PREFIX)
    for name, prefix in SUBJECT_PREFIX.items():
        event = Event(
            partner_id=uuid4(), livemode=True, type=f"{name}.ready", subject_type=name, subject_id=uuid4(), sequence=1,
            data={"object": {}},
        )  # fmt: skip
        row = event_row(event)
        assert row.subject.startswith(f"{prefix}_")
        assert not row.href or row.href.endswith(row.subject)


def test_every_type_of_event_has_a_sentence():
    assert sorted(SENTENCES) == sorted(NAMES)
