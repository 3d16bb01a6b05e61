"""What was used and what it cost: the append-only ledger and reservations."""
