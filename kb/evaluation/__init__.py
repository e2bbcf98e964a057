"""How well a knowledge base answers: a tenant's question set put to it as a call would, and each run against the last.

`question_sets` reads a set; `running` puts it to the base; `judging` says what became of each question; `figures` and
`comparison` what it comes to; `keeping` stores it, as `record` writes it, and `report` is what is read of it.
"""
