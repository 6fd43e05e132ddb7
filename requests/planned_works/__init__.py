"""Works announced before they begin, with the notice that the law or the house asks for."""
