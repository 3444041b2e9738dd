"""What is said when the data of a partner lie in a region that this installation has no store or key for."""

from logging import getLogger

from backoffice.errors import Unavailable
from backoffice.settings import PREFIX

log = getLogger(__name__)
CODE = "region_unavailable"


def setting_of(region: str, setting: str) -> str:
    """Name the setting of a region."""
    return f"{PREFIX}{setting}_{region.upper()}"


def not_set_up(region: str, setting: str) -> Unavailable:
    """Tell the log which setting is missing or wrong, and whoever asks that nothing is lost and who can help."""
    log.error("region_not_set_up", extra={"region": region, "setting": setting_of(region, setting)})
    return Unavailable(
        "The region that holds this data is not available on this server, and nothing was kept elsewhere. Its "
        "operators have to set it up; then try again.",
        code=CODE,
    )
