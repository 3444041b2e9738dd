"""What can be done: modules of verbs; each takes the session and an Actor and checks it."""
