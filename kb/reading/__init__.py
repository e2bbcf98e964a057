"""Reading what a business wrote into passages, whatever it was written in. Pure: no network, no database.

`source.read_source` chooses by name or media type between `markdown`, `csv_table`, `html` and `pdf`. Each makes an
outline (`outline`) of what it reads, and `sections` makes passages of an outline.
"""

from kb.reading.faults import UnreadableSource
from kb.reading.pdf import Progress
from kb.reading.source import SUFFIXES, read_source

__all__ = ["SUFFIXES", "Progress", "UnreadableSource", "read_source"]
