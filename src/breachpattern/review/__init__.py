"""What people make of findings: their decisions, kept from run to run."""
