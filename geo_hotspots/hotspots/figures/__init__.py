"""Totals, changes and rates of a period, by street, community and department."""
