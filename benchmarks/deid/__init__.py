"""De-identification: the search, recoding, peers and population models, each with its own section."""
