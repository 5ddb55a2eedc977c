"""Transforms of one column: pure functions from an Arrow column to an Arrow column."""
