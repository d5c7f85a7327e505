"""Other programs that are told of what history holds."""
