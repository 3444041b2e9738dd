"""What the operators' screens remember."""
