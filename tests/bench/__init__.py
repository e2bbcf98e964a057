"""Benchmarks of parts, with figures that are printed and goals that are kept; no tests of right and wrong."""
