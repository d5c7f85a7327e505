"""Pay lost by taking part in a strike: what is deducted, claimed and reimbursed."""
