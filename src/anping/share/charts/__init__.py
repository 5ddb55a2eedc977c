"""Charts as values, with two drawings: Vega-Lite for machines and SVG for people."""
