"""Which option helps a GAN on these images, in so many minutes: ``-m experiment=advise``.

First all options are tried on seeds that are kept for tuning, and the one with the lowest validation FD is chosen; then
it alone is compared with none, on as many other seeds as the time buys, on test images. What chooses is not what is
told, neither in its images nor in its seeds, so the one test that there is needs six pairs, and its interval is that of
a claim which was there before its runs.
"""
