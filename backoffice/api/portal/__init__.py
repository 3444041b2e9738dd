"""The documentation as data: read from the OpenAPI document and from docs/, written as HTML for two places."""
