"""What the model sees: sources, the one prompt builder, and the plan that a prompt is rebuilt from."""
