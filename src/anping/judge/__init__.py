"""Judging: how useful protected data still is, and how well people are found in it."""
