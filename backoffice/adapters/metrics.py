"""What Prometheus counts; labels are few and never name a person or a partner."""

from collections.abc import Iterable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

sign_ins = Counter("kyc_auth_attempts", "Tries to sign in.", ["method", "result"])
denied = Counter("kyc_event_guard_denied", "Events that the gate refused.", ["reason"])
open_sockets = Gauge("kyc_open_sockets", "Browser tabs connected to this process.")
redis_failures = Counter("kyc_redis_failures", "Questions that Redis did not answer in time.")
limited_locally = Counter(
    "kyc_rate_limits_local", "Requests counted in this process because Redis was away.", ["kind", "result"]
)
request_log_dropped = Counter("kyc_request_log_dropped", "Lines of the API request log that were not kept.", ["reason"])

__all__ = [
    "CONTENT_TYPE_LATEST",
    "counter",
    "denied",
    "gauge",
    "generate_latest",
    "histogram",
    "limited_locally",
    "open_sockets",
    "redis_failures",
    "request_log_dropped",
    "sign_ins",
    "written",
]


class _Told(Collector):
    """Numbers that were read elsewhere for one scrape."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def gauge(name: str, words: str, values: Mapping[str, float], *, label: str = "") -> Metric:
    """Tell values of the moment, by a label or, with none, the one under the empty name."""
    family = GaugeMetricFamily(name, words, labels=[label] if label else None)
    for value, number in values.items():
        family.add_metric([value] if label else [], number)
    return family


def counter(name: str, words: str, values: Mapping[str, float], *, label: str) -> Metric:
    """Tell what only grows."""
    family = CounterMetricFamily(name, words, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def histogram(name: str, words: str, bounds: Iterable[float], counts: Iterable[float], total: float) -> Metric:
    """Tell how many stayed under each bound; `counts` has one more than `bounds`, for what went beyond them all."""
    family, sofar = HistogramMetricFamily(name, words), 0.0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip([*map(str, bounds), "+Inf"], counts, strict=True):
        sofar += count
        buckets.append((bound, sofar))
    family.add_metric([], buckets, sum_value=total)
    return family


def written(families: Iterable[Metric]) -> bytes:
    """Write what was read elsewhere as Prometheus reads it."""
    registry = CollectorRegistry()
    registry.register(_Told(list(families)))
    return generate_latest(registry)
