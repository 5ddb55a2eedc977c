"""What Anping reaches and what it costs, measured anew by ``python -m benchmarks.NAME``."""
