"""What partners may ask: the HTTP doors."""
