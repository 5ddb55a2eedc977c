"""Anping 安平: locked data into lawful, trusted AI, with evidence at every step."""

__version__ = "0.1.0"
