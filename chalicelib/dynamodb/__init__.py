"""A DynamoDB client for the request path: four operations over one kept connection."""
