"""What Prometheus counts; labels are few and never name a person or a partner."""

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, generate_latest

sign_ins = Counter("kyc_auth_attempts", "Tries to sign in.", ["method", "result"])
denied = Counter("kyc_event_guard_denied", "Events that the gate refused.", ["reason"])
open_sockets = Gauge("kyc_open_sockets", "Browser tabs connected to this process.")

__all__ = ["CONTENT_TYPE_LATEST", "denied", "generate_latest", "open_sockets", "sign_ins"]
