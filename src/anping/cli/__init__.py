"""The command line: a thin shell that knows steps and the workspace."""
