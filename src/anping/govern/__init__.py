"""Govern: policies as data, and the gates that decide by them."""
