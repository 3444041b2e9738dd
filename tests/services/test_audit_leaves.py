"""What is hashed of an audit entry never changes: the logs of years hang on it."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from backoffice.services.audit_leaves import FIELDS, leaf_of, moment

ENTRY = dict.fromkeys(FIELDS, "") | {
    "id": UUID(int=7),
    "created_at": datetime(2026, 11, 28, 14, 30, 5, 70, tzinfo=timezone(timedelta(hours=2))),
    "partner_id": None,
    "actor_type": "member",
    "actor_name": "Zoë \u2028 Ŧest",
}


@pytest.mark.parametrize(
    ("changes", "leaf"),
    [
        (
            {"b": [1, 2.50, 1e22, True, None], "a": {"é": "x"}, "id": UUID(int=9)},
            "8499dd37999ba1c77d8fd4d937c2c0b5dd57cd022e924ae402e2913a80f0547a",
        ),
        ({"version": 4, "status": ["a", "b"]}, "632b856808041afb5368b202fe877aa3efdf87da26efaa0381715d31fe792ec1"),
    ],
    ids=["anything", "plain"],
)
def test_an_entry_has_the_hash_that_it_has_always_had(changes, leaf):
    assert leaf_of(ENTRY | {"changes": changes}).hex() == leaf


def test_what_no_common_encoder_takes_is_hashed_all_the_same():
    class Word(str):
        __slots__ = ()

    named = {Word("status"): ["a", "b"], "version": 4}
    assert leaf_of(ENTRY | {"changes": named}) == leaf_of(ENTRY | {"changes": {"status": ["a", "b"], "version": 4}})


def test_a_moment_is_the_same_wherever_its_clock_stands():
    at = ENTRY["created_at"]
    assert leaf_of(ENTRY | {"changes": {}}) == leaf_of(ENTRY | {"changes": {}, "created_at": at.astimezone(UTC)})
    assert moment(at.astimezone(UTC)) == moment(at) == "2026-11-28T12:30:05.000070Z"
