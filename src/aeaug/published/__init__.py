"""What is published: the tables in docs/results, and every page that is made of them alone."""
