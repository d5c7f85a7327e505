"""Certificates of service: what is known of a notice, in one file that can be checked without us."""
