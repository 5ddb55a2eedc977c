"""Builders: each takes observed values and returns a hierarchy that is complete for them."""
