"""What a sweep is about to do, and whether it should: told before the first of its runs starts."""
