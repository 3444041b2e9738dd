"""Forgetting labels makes strangers: the same ones for a seed, and nothing but labels."""

import subprocess
import sys

ASK = """
import sys
from bench.accuracy.forgetting import forget
from backoffice.screening import labels, wordlists
forget(float(sys.argv[1]), int(sys.argv[2]))
known = [word for words in wordlists.load("labels").values() for word in words]
print(len(known), hash(tuple(sorted(known))), len(wordlists.load("titles")), bool(labels.match("Zorblat No.")))
"""


def told(share: float, seed: int) -> list[str]:
    """Ask a process of its own, as the bench's readers are."""
    command = [sys.executable, "-c", ASK, str(share), str(seed)]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "0"}
    ).stdout.split()


def test_a_share_of_the_labels_is_forgotten_and_each_seed_forgets_others():
    everything, some, again, others = told(0, 1), told(0.25, 1), told(0.25, 1), told(0.25, 2)
    assert 0.7 * int(everything[0]) < int(some[0]) < 0.85 * int(everything[0])
    assert some == again
    assert some[1] != others[1]
    assert everything[2] == some[2]


def test_the_set_that_is_read_once_is_not_read_like_this():
    command = [sys.executable, "-m", "bench", "accuracy", "--forget", "0.25"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert asked.returncode == 2
    assert "read once" in asked.stderr
