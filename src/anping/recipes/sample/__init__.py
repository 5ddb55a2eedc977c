"""The parts that every sample is drawn from: people, identifiers, notes, mess, and the truth."""
