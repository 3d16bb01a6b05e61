"""People and how they sign in: users, credentials, logins, tokens."""
