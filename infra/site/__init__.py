"""Publishing the website: what `deploy_site.py` does, one module for each noun.

`files` and `headers` say what is to be published, `manifest` and `bucket` what is, `plan` (pure)
what to do about the difference, and `release` does it.
"""
