"""Tables of counts and magnitudes with suppressed cells that margins do not give away."""
