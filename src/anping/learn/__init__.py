"""Models learnt from tables, without code in them: trees, sums and tables of numbers."""
