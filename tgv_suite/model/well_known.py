"""Where a server publishes what it is: the well-known addresses of OAuth 2.0, OpenID Connect, SMART."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def metadata_urls(issuer: str) -> tuple[str, str]:
    """Where an issuer's metadata may stand: RFC 8414's place, then OpenID Connect's."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    well_known = "/.well-known/oauth-authorization-server" + path
    openid = path + "/.well-known/openid-configuration"
    return (
        urlunsplit((parts.scheme, parts.netloc, well_known, "", "")),
        urlunsplit((parts.scheme, parts.netloc, openid, "", "")),
    )


def smart_configuration_url(fhir: str) -> str:
    """Where a FHIR server says how to be authorised (SMART App Launch 2.2, §4)."""
    return fhir.rstrip("/") + "/.well-known/smart-configuration"
