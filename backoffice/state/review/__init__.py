"""What the reviewers' screens remember."""
