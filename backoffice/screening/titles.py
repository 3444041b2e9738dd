"""What kinds of documents call themselves, in the languages of Latin-script documents."""

from backoffice.screening import wordlists


def words() -> dict[str, tuple[str, ...]]:
    """List the titles of each kind of document."""
    return wordlists.load("titles")
