"""What arms differ by and how surely: pairs of runs, one exact test, and what else their numbers say."""
