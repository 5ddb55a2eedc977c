"""Time series: forecasts of one or many, with the error they are expected to make."""
