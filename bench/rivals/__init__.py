"""The same live page as people write it elsewhere, each run by the interpreter of an environment of its own."""
