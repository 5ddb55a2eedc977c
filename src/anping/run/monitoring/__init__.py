"""Whether a model still meets the data it was made for, and still does as well."""
