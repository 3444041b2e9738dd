"""The delivery log says where the time of a try went and what followed."""

from datetime import timedelta

import pytest

from backoffice.clock import wall
from backoffice.models.base import new_id
from backoffice.models.webhooks import Attempt, WebhookEndpoint
from backoffice.viewmodels.deliveries import attempt_view
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.webhook_endpoints import endpoint_view


def attempt(**fields) -> Attempt:
    known = {"partner_id": new_id(), "delivery_id": new_id(), "number": 1, "status": 200, "duration_ms": 120}
    return Attempt(**known | fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"connected_ms": 30, "first_byte_ms": 110}, "Connected in 30 ms, waited 80 ms, read 10 ms"),
        ({"connected_ms": 0, "first_byte_ms": 110}, "Connection was open, waited 110 ms, read 10 ms"),
        ({"connected_ms": 30, "status": None, "error": "timeout"}, "Connected in 30 ms, waited 90 ms in vain"),
        ({"status": None, "error": "connect"}, "Not connected after 120 ms"),
        ({}, ""),
    ],
)
def test_the_time_of_a_try_is_split(fields, words):
    assert attempt_view(attempt(**fields), None).timing == words


def test_a_try_says_where_to_and_when_the_next_one_was_due():
    later = wall() + timedelta(minutes=5)
    view = attempt_view(attempt(address="203.0.113.7", next_attempt_at=later), None)
    assert (view.address, view.next_at) == ("203.0.113.7", iso(later))
    assert attempt_view(attempt(), None).next_at == ""


def test_an_endpoint_that_its_partner_paused_says_so():
    endpoint = WebhookEndpoint(
        partner_id=new_id(), livemode=True, url="https://a.example", is_paused=True, failing_since=wall()
    )
    view = endpoint_view(endpoint, None, at=wall())
    assert view.status == "paused"
    assert "You paused it" in view.notice


def test_two_tries_are_compared_line_by_line():
    sent = {"webhook-id": "evt_1", "webhook-timestamp": "100"}
    first = attempt(status=500, request_headers=sent, response_headers={"server": "a"}, response_excerpt="no")
    second = attempt(
        number=2,
        request_headers=sent | {"webhook-timestamp": "200"},
        response_headers={"date": "b"},
        response_excerpt="",
    )
    found = [(one.name, one.before, one.after) for one in attempt_view(second, first).changes]
    assert found == [
        ("webhook-timestamp (sent)", "100", "200"),
        ("Answer", "500", "200"),
        ("server (came back)", "a", "-"),
        ("date (came back)", "-", "b"),
        ("Body that came back", "no", "-"),
    ]
    assert attempt_view(second, second).changes == attempt_view(first, None).changes == []
