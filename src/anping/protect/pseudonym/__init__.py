"""Keyed pseudonyms: one-way (HMAC-SHA-256) and reversible (AES-SIV), stable by key name."""
