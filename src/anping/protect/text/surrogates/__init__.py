"""Surrogates: realistic fakes of the same kind, form and checksum class, drawn from a key."""
