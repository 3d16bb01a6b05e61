"""One adapter a wire; the only importers of vendors' packages."""
