"""Statistical de-identification: hierarchies, k-anonymity with l-diversity, local recoding."""
