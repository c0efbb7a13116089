"""A Hugging Face data set, by its name on the hub or a local one, as a source of images."""
