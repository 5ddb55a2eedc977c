"""Serving one model: replies in time, CPU and memory, beside MLflow's server."""
