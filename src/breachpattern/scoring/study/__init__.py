"""The study of escalation: what research with a force's own records asks, in tables with intervals."""
