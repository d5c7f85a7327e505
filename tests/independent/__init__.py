"""A checker written apart from the product: of the product it reads only what it leaves behind."""
