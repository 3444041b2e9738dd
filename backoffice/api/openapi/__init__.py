"""Makes of the framework's description one that strangers' tools can work with: names, words, patterns, links."""
