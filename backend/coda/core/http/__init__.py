"""HTTP as every domain sees it: errors, headers, the request's transaction."""
