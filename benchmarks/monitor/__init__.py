"""Monitoring of models: speed beside Evidently, honesty of estimates, false alarms."""
