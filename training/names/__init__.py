"""Makes the weights and lists of the recogniser of names; see README.md beside this file."""
