"""Models of names that a user may install: each behind one small door, none of them needed."""
