"""What Prometheus counts; labels are few and never name a person or a partner."""

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, generate_latest

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
    "denied",
    "generate_latest",
    "limited_locally",
    "open_sockets",
    "redis_failures",
    "request_log_dropped",
    "sign_ins",
]
