"""
The other side's barrister: everything in a pack that an employer's counsel would take to court, each with its cure.

Pure: a pack and the law go in, findings come out, always in the same order. Nothing depends on the day it is run.
"""

from ballots.lint.examination import Examination, examine, lint

__all__ = ["Examination", "examine", "lint"]
