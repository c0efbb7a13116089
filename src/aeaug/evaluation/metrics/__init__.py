"""Metrics of a set of images, one a file."""
