"""The values every room speaks."""
