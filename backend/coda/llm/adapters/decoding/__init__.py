"""From the bytes of an answer to its deltas: lines, events, and what servers do differently inside them."""
