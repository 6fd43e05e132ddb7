"""How the outside world is spoken to and heard: raw inputs, mail parsing, providers, signatures."""
