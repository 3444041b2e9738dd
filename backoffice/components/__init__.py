"""Pieces that know no state: they take values or Vars and event handlers as arguments."""
