"""The names of a pack and their doors, made ready to be looked up by the thousand."""
