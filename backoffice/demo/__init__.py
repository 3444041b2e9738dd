"""The demo: a fixed cast of partners and people, a month of history, and live traffic."""
