"""Documents: texts out of files of many kinds, with the place where each piece of text stands."""
