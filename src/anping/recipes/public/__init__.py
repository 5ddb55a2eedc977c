"""Public tables that nobody here made: pipelines that walk the whole chain on them."""
