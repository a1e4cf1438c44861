"""Updates of a stage's stacks, rehearsed by CloudFormation's own schemas."""
