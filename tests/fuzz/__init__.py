"""Properties that hold for any input: a few examples in every test run, as many as time allows in `make fuzz`."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = 150 if os.environ.get("FUZZ_SECONDS") else 40
fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""How much each property is tried in one round."""
