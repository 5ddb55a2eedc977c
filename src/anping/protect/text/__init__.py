"""Redaction of free text: what a detector finds, and every identifier that the table itself holds."""
