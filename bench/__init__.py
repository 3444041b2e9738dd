"""Measured ratios against bare alternatives: both in one run, on one machine, on one database."""
