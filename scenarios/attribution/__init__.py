"""How much of a programme's effect is owed to each intervention, which set of them does, and on what it rests."""
