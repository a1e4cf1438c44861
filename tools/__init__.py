"""Development tools: environments, locked installs, Node. Nothing here ships."""
