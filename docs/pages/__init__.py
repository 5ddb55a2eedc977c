"""One module for each generated page: a function without arguments that returns its Markdown."""
