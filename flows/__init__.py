"""When things run and in which order, under Prefect or without it; no rule and no name of a person."""
