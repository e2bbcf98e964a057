"""Knowledge: what a business tells its callers, from its files to the passage that is spoken.

`passages` is what a base is made of; `reading` makes passages of files and pages; `ingest` stores what changed of them;
`retrieval` finds what answers a question; `supported` tells whether an answer says what passages say. Rows are read and
written by `agent.storage`.
"""
