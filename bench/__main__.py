"""Runs every measurement; each is bounded in count and time and stays on this machine."""

from bench import post_documents, webhooks

if __name__ == "__main__":
    raise SystemExit(post_documents.main() or webhooks.main())
