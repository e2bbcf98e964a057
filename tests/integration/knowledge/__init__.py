"""Knowledge bases in a real PostgreSQL."""
