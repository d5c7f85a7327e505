"""The bench runs at a tiny size, and its bare loops reckon the same days as what they are held against."""
