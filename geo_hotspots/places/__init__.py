"""Places: packs of boundaries and names, address grammar, matching, datums, locating."""
