"""Features: what is on record about a course or a dyad, as numbers, as it was known at an instant."""
