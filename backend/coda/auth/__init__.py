"""Coming in: sign-in, one-time links, authentication, and the routes of the caller's own account."""
