"""The page's speed with many items."""
