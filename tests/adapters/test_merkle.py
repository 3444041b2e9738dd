"""Merkle trees against the vectors of Certificate Transparency, and their proofs for every tree up to a size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.adapters import merkle
from backoffice.adapters.merkle import Frontier, cover, folded, leaf_hash, node_hash, tree

INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Of the reference implementation of RFC 6962 (certificate-transparency, merkletree tests)."""
LEAVES = [leaf_hash(bytes([number])) for number in range(40)]


def whole(leaves):
    """The definition of RFC 6962 §2.1, word by word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else merkle.EMPTY
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(whole(leaves[:half]), whole(leaves[half:]))


def hashes(ranges, leaves=None):
    return [whole((leaves or LEAVES)[start:end]) for start, end in ranges]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size):
    made = tree(leaf_hash(bytes.fromhex(data)) for data in INPUTS[:size])
    assert made.root().hex() == ROOTS[size - 1]


def test_the_empty_tree_is_the_hash_of_nothing():
    assert Frontier().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 40))
def test_every_leaf_is_proved_and_no_other(size):
    root = whole(LEAVES[:size])
    for index in range(size):
        proof = hashes(merkle.inclusion_ranges(index, size))
        known = {"index": index, "size": size, "proof": proof, "root": root}
        assert merkle.is_included(leaf=LEAVES[index], **known)
        assert not merkle.is_included(leaf=leaf_hash(b"another"), **known)
        assert not merkle.is_included(leaf=LEAVES[index], **(known | {"proof": [*proof, root]}))
        assert not proof or not merkle.is_included(leaf=LEAVES[index], **(known | {"proof": proof[:-1]}))
        assert size == 1 or not merkle.is_included(leaf=LEAVES[index], **(known | {"index": (index + 1) % size}))


@pytest.mark.parametrize("second", range(1, 40))
def test_every_smaller_tree_is_proved_and_no_other(second):
    for first in range(1, second + 1):
        proof = hashes(merkle.consistency_ranges(first, second))
        known = {"first": first, "second": second, "second_root": whole(LEAVES[:second]), "proof": proof}
        assert merkle.is_extended(first_root=whole(LEAVES[:first]), **known)
        forged = [leaf_hash(b"forged"), *LEAVES[1:first]]
        assert not merkle.is_extended(first_root=whole(forged), **known)
        assert not merkle.is_extended(first_root=whole(LEAVES[:first]), **(known | {"proof": [*proof, proof or b""]}))


@given(st.integers(0, 40), st.integers(0, 40))
def test_whole_subtrees_cover_a_range_and_can_be_appended(one, other):
    start, end = sorted((one, other))
    made = tree(LEAVES[:start])
    for height, index in cover(start, end):
        made.append(whole(LEAVES[index << height : (index + 1) << height]), height)
    assert (made.size, made.root()) == (end, whole(LEAVES[:end]))


@given(st.integers(0, 40), st.integers(1, 40))
def test_a_tree_goes_on_from_its_frontier(first, more):
    kept = tree(LEAVES[:first])
    going_on = Frontier(kept.size, list(kept.peaks))
    for leaf in LEAVES[first : first + more]:
        going_on.append(leaf)
    assert going_on.root() == whole(LEAVES[: first + more])
    assert folded(going_on.peaks) == going_on.root()


def test_a_subtree_has_its_place():
    with pytest.raises(ValueError, match="height 1"):
        tree(LEAVES[:1]).append(LEAVES[1], 1)


@given(st.lists(st.integers(0, 20), max_size=6))
def test_many_leaves_at_once_make_the_tree_that_one_after_the_other_makes(sizes):
    single, many = Frontier(), Frontier()
    for size in sizes:
        batch = LEAVES[:size]
        expected = dict(node for leaf in batch for node in single.append(leaf))
        found = many.extend(batch)
        assert {(height, start + i): node for height, start, nodes in found for i, node in enumerate(nodes)} == expected
        assert (many.size, many.peaks) == (single.size, single.peaks)
