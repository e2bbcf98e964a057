"""How text is said: numbers, dates, addresses and abbreviations as words. Pure, and of the standard library only."""
