"""What a provider's refusals and broken connections mean."""
