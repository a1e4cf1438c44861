"""The certificate authorities of the package: the SDK's whole list, one file for each authority.

OpenSSL looks up an authority in a directory by the hash of its subject, and reads only that file.
Reading the whole list costs each cold start 17 ms. The list is Mozilla's, from the locked botocore,
so `make lock` renews it.
"""

import re
from collections import Counter
from pathlib import Path

import botocore
from OpenSSL.crypto import FILETYPE_PEM, load_certificate

BUNDLE = Path(botocore.__file__).with_name("cacert.pem")

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)

_NOTICE = """The certificates in this directory are from Mozilla's list of certificate authorities,
https://wiki.mozilla.org/CA, under the Mozilla Public License 2.0, https://mozilla.org/MPL/2.0/.
"""


def write(directory: Path, bundle: Path = BUNDLE) -> None:
    """Write each certificate of the bundle under the name that OpenSSL looks for."""
    directory.mkdir(parents=True, exist_ok=True)
    seen: Counter[str] = Counter()
    for text in _CERTIFICATE.findall(bundle.read_text()):
        subject = f"{load_certificate(FILETYPE_PEM, text.encode()).subject_name_hash():08x}"
        (directory / f"{subject}.{seen[subject]}").write_text(text)
        seen[subject] += 1
    (directory / "NOTICE").write_text(_NOTICE)
