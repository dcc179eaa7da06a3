"""What people make of findings: the register of their decisions, and the compliance measures."""
