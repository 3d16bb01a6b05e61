"""Other people's wires onto our models and runs."""
