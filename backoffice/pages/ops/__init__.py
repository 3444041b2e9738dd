"""What is on the operators' screens."""
