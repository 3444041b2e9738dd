"""What tests of screens begin with."""

from tests.region_cast import endpoints, places  # noqa: F401 fixtures
from tests.services.security_cast import rules  # noqa: F401 a fixture
