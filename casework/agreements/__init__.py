"""Agreements: what was settled, issue by issue, whether it is kept, and what happens when it is not."""
