"""What a deployment can end with."""


class DeploymentFailed(Exception):
    """A stack could not be brought to its template; the message says which part and why."""
