"""The implementation of `deploy_site.py`: publishing the website, one module for each noun.

`files` and `headers` define the files to publish. `manifest` and `bucket` describe the published
files. `look` reads both. `plan` compares them without any request, `release` applies the plan, and
`verify` checks the result.
"""
