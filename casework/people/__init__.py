"""Who may sign in: accounts, the roles they hold and where, passwords, second factors and the sign-ins that stand."""
