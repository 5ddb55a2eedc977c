"""Recipes join steps into whole jobs for one field, and make sample data to try them on."""
