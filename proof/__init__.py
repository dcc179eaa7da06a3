"""What shows that the library can be trusted: coverage of the law, mutants, properties, and a page of the figures.

Programs for those who develop breachpattern, not part of the package. Each reads the tests and the data as they are, or
runs them; none holds a figure of its own.
"""
