"""Many runs to one page: the table of their rows → paired statistics → verdicts → figures → page.

Nothing here reads a run's folder: everything shown comes from the table (:mod:`aeaug.run.table`) and from pictures.
"""
