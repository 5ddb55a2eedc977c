"""Full-text search over what a workspace holds: names, titles, columns and findings."""
