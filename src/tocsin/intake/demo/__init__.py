"""A believable company to try Tocsin with: people, promises, ladders and forty tickets with their stories."""
