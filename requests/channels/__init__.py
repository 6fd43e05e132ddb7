"""How messages enter and leave: raw inputs, mail parsing, providers, signatures."""
