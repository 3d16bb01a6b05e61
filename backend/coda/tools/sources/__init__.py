"""Sources of tools that people add: where they are kept, what they offer, and who has them."""
