"""What the doctor looks at, one kind of thing per module; every check only reads."""
