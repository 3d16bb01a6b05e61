"""People and how they sign in: users, credentials, logins, links, tickets, API keys."""
