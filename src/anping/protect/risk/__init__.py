"""Re-identification risk: equivalence classes, the standard measures, and attacks that really run."""
