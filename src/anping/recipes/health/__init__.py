"""Hospitals: admissions whose 30-day readmission depends on age, illness and length of stay."""
