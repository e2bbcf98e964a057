"""A tenant's document: what may stand in it, what is checked, how one is begun, and what state law adds to it."""
