"""What the catalogue answers, and how fast: search and sketches."""
