"""The folder of one run: what is in it, who may write it, and how it is read back."""
