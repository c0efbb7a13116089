"""Images to files, one kind of file a module: whole or not at all, and never over what is there."""
