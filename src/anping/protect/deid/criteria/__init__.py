"""What a class, or a whole release, must satisfy: one module for each family of criteria."""
