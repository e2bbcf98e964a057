"""`make bench-kb`: how well and how fast the knowledge base answers, on a PostgreSQL of its own.

`data` is what is asked, `server` the database, `quality` what is right, `speed` what it takes.
"""
