"""The innermost ring: settings, database, clock, calendar, law engine, history. No domain noun."""
