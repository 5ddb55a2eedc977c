"""k^m-anonymity of sets: diagnoses of a patient, goods in a basket, places of a traveller."""
