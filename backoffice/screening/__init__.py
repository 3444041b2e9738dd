"""What a document shows: bytes and declared data in, typed findings out; no database, no network, no settings."""
