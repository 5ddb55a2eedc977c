"""Know what a table or a text holds: discover, profile, measure quality, propose labels."""
