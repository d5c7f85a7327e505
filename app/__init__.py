"""The dashboard, the API, the command line and the worker; the only package that starts anything."""
