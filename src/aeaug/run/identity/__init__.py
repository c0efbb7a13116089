"""Which run it is: what makes it the same or another, what made its numbers, and which may stand beside it."""
