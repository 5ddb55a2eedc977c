"""Peers that are measured side by side, each run by a Python of its own."""
