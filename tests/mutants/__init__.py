"""Mutation testing: faults in a copy of the sources, each of which the tests must catch."""
