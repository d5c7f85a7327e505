"""The innermost ring: settings, database, clock, calendar, law engine and history. It holds no domain noun."""
