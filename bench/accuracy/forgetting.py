"""Makes strangers of issuers that are known: a part of the known labels is forgotten, others with each seed."""

import random

from backoffice.screening import wordlists

LISTED = "labels"


def forget(share: float, seed: int) -> None:
    """Forget a share of the listed labels in this process, before the first is asked for.

    Of labels that name nothing we look for, half as many: an issuer's other fields have names of many kinds.
    """
    chosen, load = random.Random(seed), wordlists.load
    kept = {
        name: tuple(word for word in words if chosen.random() > (share / 2 if name == "other" else share))
        for name, words in load(LISTED).items()
    }

    def forgetful(name: str) -> dict[str, tuple[str, ...]]:
        return kept if name == LISTED else load(name)

    wordlists.load = forgetful  # type: ignore[assignment]
