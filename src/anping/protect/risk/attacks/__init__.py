"""Attacks that run: each is carried out on a release and set against a control and a guess."""
