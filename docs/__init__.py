"""The pages for people, and the generator of those that follow from the code."""
