"""Workplaces, their legal employers, members and officers, and how they are imported."""
