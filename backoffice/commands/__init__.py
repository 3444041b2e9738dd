"""What the `backoffice` command does, one module per verb."""
