"""Django's PostgreSQL with a cheaper look at a lasting connection."""
