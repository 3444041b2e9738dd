"""Self-hosted backoffice for identity verification; design.md of the docs says where everything lives."""
