"""How addresses are written: characters, numbers, variants and sounds of names."""
