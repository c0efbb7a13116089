"""A folder of anybody's PNG and JPEG files as a source of images."""
