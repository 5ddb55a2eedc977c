"""One thin file per step; each composes rooms that do not know one another."""
