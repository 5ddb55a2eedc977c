"""Tables in and out. The only room that writes SQL or names a backend."""
