"""A family of plans, each tried on a table without releasing it."""
