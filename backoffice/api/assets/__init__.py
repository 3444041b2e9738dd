"""The documentation's style and script."""
