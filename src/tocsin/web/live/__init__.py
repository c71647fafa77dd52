"""Server-sent events: open pages hear that what they show has changed, and fetch it by their usual addresses."""
