"""Cases from the first complaint to the settlement: register, stages, evidence and pay. Knows nothing of ballots."""
