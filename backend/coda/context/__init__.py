"""What the model sees: budget and the one prompt builder."""
