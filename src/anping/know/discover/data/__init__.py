"""Word lists and rules as data, so that a domain expert can read and extend them."""
