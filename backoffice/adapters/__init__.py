"""How we reach the outside: one vendor a file, chosen by a setting."""
