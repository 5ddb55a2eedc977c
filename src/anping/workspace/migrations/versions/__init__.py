"""One file per format; its revision is the format's name."""
