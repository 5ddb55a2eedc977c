"""Share: the release a recipient gets, its card, its licence and its machine formats."""
