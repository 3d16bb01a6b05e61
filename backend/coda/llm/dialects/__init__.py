"""What differs between providers' wires and models, as data: known, set by a person, or learnt from a refusal."""
