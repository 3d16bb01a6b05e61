"""Files that people upload: their bytes in the store, their rows, limits, pictures, addresses that open them."""
