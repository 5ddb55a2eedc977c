"""How many people stand alone in the population that a table was drawn from: models, as a range."""
