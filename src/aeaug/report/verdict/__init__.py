"""From the pairs of a claim to its verdict, and to what has to be said beside it."""
