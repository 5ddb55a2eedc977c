"""What the search makes least: one module for each family of losses."""
