"""The application in a container, without API Gateway and Lambda: docs/serverful.md."""
