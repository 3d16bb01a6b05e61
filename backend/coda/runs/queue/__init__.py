"""Which run goes next, to which worker: claims and leases, admission, and what waits."""
