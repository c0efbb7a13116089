"""Many runs to one report: paired statistics, verdicts, tables and figures, as HTML, Markdown, CSV and text.

Nothing is imported here: a run's options know of claims, and need no plotting library for it.
"""
