"""Documents looked through: what identifies people in each of them, and where it stands."""
