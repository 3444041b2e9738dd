"""Runs every measurement; each is bounded in count and time and stays on this machine."""

from bench import key_check, post_documents

if __name__ == "__main__":
    raise SystemExit(max(key_check.main(), post_documents.main()))
