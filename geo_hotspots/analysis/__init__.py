"""From placed cases to what they come to, each step a module."""
