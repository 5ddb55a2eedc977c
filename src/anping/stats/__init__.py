"""Leaf mathematics: pure functions on numbers, with numpy and the standard library only."""
