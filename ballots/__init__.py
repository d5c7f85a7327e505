"""From the trade dispute to a mandate and the action within it: rules, papers, figures."""
