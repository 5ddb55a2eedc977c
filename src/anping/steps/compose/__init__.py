"""What steps put together from rooms that do not know one another."""
