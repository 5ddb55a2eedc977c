"""Serving a model: a checked request, an answer, and a record of the decision before it is told."""
