"""What a browser may know: frozen dataclasses, made from rows by plain functions."""
