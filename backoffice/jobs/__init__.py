"""What happens later: each job opens a transaction, makes its actor and calls one service; arguments are ids."""
