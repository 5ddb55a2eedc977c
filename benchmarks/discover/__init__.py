"""Discovery: accuracy and speed of columns and of texts."""
