"""A folder of anybody's PNG and JPEG files as a data set: found, hashed, decoded once, split by content."""
