"""Taking a partner on: the form, and the link of its first administrator, shown once."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, StepUpRequired
from backoffice.models.base import Prefix, public_id
from backoffice.models.partners import Plan
from backoffice.services import onboarding
from backoffice.services.access import Permission
from backoffice.settings import settings
from backoffice.state.gate import requires
from backoffice.state.ops.partners import PartnersState
from backoffice.state.session import signed_in
from backoffice.viewmodels.fleet import PLACE

FIELDS = ("name", "slug", "email", "admin_name", "region")


class OnboardingState(rx.State):
    """One tab's form."""

    is_asking: bool = False
    regions: rx.Field[list[str]] = rx.field(default_factory=list)
    """Where its data may be, the default region first."""
    link: str = ""
    """Shown once; closing the dialog forgets it."""
    made: str = ""
    """The page of the partner that was made."""
    made_name: str = ""
    sent_to: str = ""
    error: str = ""
    error_field: str = ""

    @rx.event
    @requires(Permission.PARTNERS_WRITE)
    async def begin(self) -> None:
        """Open the form."""
        self.reset()
        self.is_asking, self.regions = True, list(settings().regions)

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def close(self) -> None:
        """Close the dialog and forget the link."""
        self.reset()

    @rx.event
    @requires(Permission.PARTNERS_WRITE, Permission.MEMBERS_WRITE)
    async def onboard(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Make the partner and invite its first administrator, or say beside the field what is wrong."""
        actor, plan = await signed_in(self), form.get("plan", "")
        self.error = self.error_field = ""
        try:
            async with transaction(actor.tenancy) as session:
                partner, self.link = await onboarding.onboard(
                    session,
                    actor,
                    plan=Plan(plan) if plan in set(Plan) else Plan.FREE,
                    **{name: form.get(name, "") for name in FIELDS},
                )
        except StepUpRequired:
            raise  # the frame asks who is there
        except BackofficeError as error:
            self.error, self.error_field = str(error), (error.pointer or "/name").strip("/")
            return []
        self.made, self.made_name = f"{PLACE}/{public_id(Prefix.PARTNER, partner.id)}", partner.name
        self.sent_to = form.get("email", "").strip()
        return PartnersState.refresh
