"""What an analyst gets of events at the raw socket: nothing that the role may not read elsewhere."""

from types import SimpleNamespace

import pytest

from backoffice.db import transaction
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.services import webhook_endpoints
from backoffice.services.access import Actor
from tests.browsing import cookie_of, signed_in
from tests.rx_socket import ROOT, tab
from tests.services.webhook_cast import endpoint_of, quiet

pytestmark = pytest.mark.usefixtures("database")
PLACE = "/partner/developers/events"
LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"


@pytest.mark.parametrize(("role", "is_whole"), [(Role.PARTNER_ANALYST, False), (Role.PARTNER_DEVELOPER, True)])
async def test_an_endpoints_address_is_in_no_frame_of_who_may_not_read_it(web, role, is_whole):
    token = new_id().hex
    async with signed_in(web, role) as (person, client), tab(web.url, cookie=cookie_of(client), path=PLACE) as mine:
        cast, system = SimpleNamespace(partner=SimpleNamespace(id=person.partner_id)), Actor.system(person.partner_id)
        endpoint, _ = await endpoint_of(cast, f"http://127.0.0.1:9/hook?token={token}")
        async with transaction(system.tenancy) as session:
            event = await webhook_endpoints.send_test(session, system, endpoint.id)
        event_id = public_id(Prefix.EVENT, event.id)
        load = mine.event(LOAD, {}, PLACE)
        load["router_data"] |= {"query": {"event": event_id}, "asPath": f"{PLACE}?event={event_id}"}
        await mine.say(["event", load])
        await mine.until(lambda one: (one.shown("events_state").get("opened") or {}).get("id") == event_id)
        await mine.settle(PLACE)
        assert (token in mine.everything) is is_whole
        await quiet(cast)
