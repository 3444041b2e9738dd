"""The words of the varied set by language; what the pages' fonts cannot write loses its mark, as in the others."""

import unicodedata

from bench.accuracy import varied_words_east, varied_words_north, varied_words_west

_BARE = str.maketrans("łŁđĐıİėĖ", "lLdDiIeE")
_WITHOUT_MARKS = ("vi",)


def flat(text: str) -> str:
    """Drop the marks of the letters that Windows' western code page lacks."""
    return "".join(_written(sign) for sign in text)


def _written(sign: str) -> str:
    plain = sign.translate(_BARE)
    return plain if _is_printable(plain) else unicodedata.normalize("NFKD", plain)[0]


def _is_printable(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def read(text: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Read wordings by language and by field."""
    words: dict[str, dict[str, tuple[str, ...]]] = {}
    language: dict[str, tuple[str, ...]] = {}
    for line in flat(text).strip().splitlines():
        if line.startswith("["):
            language = words.setdefault(line.strip("[]"), {})
            continue
        name, _, wordings = line.partition("=")
        language[name] = tuple(wordings.split("|"))
    for bare in _WITHOUT_MARKS:
        if bare in words:
            words[bare] = {name: tuple(map(_bare, wordings)) for name, wordings in words[bare].items()}
    return words


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKD", sign)[0] for sign in text)


WORDS = read(varied_words_west.TEXT) | read(varied_words_east.TEXT) | read(varied_words_north.TEXT)
"""By language and by field: the wordings that its documents have for it."""
