"""What tests of screens begin with."""

from tests.region_cast import endpoints, places  # noqa: F401 fixtures
