"""Find what identifies people, in texts and in columns; Taiwan's identifiers first."""
