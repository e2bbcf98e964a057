"""What is kept: one module an aggregate, over PostgreSQL with row-level security."""
