"""Measuring what is there already as a run is measured at its end: a finished run, or images from another program."""
