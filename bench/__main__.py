"""Runs every measurement; each is bounded in count and time and stays on this machine."""

from bench import key_check, list_documents, post_documents, walk_events, webhooks

PARTS = (key_check, post_documents, list_documents, walk_events, webhooks)

if __name__ == "__main__":
    raise SystemExit(max(part.main() for part in PARTS))
