"""A user's own images as a data set, wherever they are from: hashed, decoded once, split by what they are."""
