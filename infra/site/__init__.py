"""The implementation of `deploy_site.py`: publishing the website, one module for each noun.

`files` and `headers` define the files to publish. `manifest` and `bucket` describe the published
files. `plan` (pure) compares them, and `release` applies the plan.
"""
