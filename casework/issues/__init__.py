"""The workload issues, the instructions that serve them, and the arguments for each: data, read through `catalogue`."""
