"""Development tools, which are never deployed: environments, locked installs, Node."""
