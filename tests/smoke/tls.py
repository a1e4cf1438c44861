"""Which versions of TLS a server speaks."""

import socket
import ssl
import warnings

# A server's reactions to a client without a common TLS version.
_REFUSALS = ("ALERT_PROTOCOL_VERSION", "ALERT_HANDSHAKE_FAILURE", "UNEXPECTED_EOF")


def refuses(version: ssl.TLSVersion, host: str, port: int = 443) -> bool:
    """Return whether the server rejects a handshake in this version only.

    Raises `ssl.SSLError` if this computer does not support the version.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # only who speaks, not who
    # OpenSSL would not even try the old versions at its usual level of security.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = context.maximum_version = version
    with socket.create_connection((host, port), timeout=30) as connection:
        try:
            with context.wrap_socket(connection, server_hostname=host):
                return False
        except ConnectionResetError:
            return True
        except ssl.SSLError as error:
            if any(refusal in (error.reason or str(error)) for refusal in _REFUSALS):
                return True
            raise
