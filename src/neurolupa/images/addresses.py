"""Where a picture may be fetched from: web addresses that hold no tricks, and hosts that are public.

The blocks are those of the IANA special-purpose registries (RFC 6890 and its updates), written out because
`ipaddress` answers differently from one Python release to the next.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from urllib.parse import quote, urljoin, urlsplit

from neurolupa.errors import UsageError

IPAddress = IPv4Address | IPv6Address
PORTS = {"http": 80, "https": 443}

_BLOCKED_4 = [
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # no registry has it: the host below a machine of Azure, which tells its secrets
    )
]
_GLOBAL_6 = ip_network("2000::/3")
_BLOCKED_6 = [ip_network(block) for block in ("2001::/23", "2001:db8::/32", "3fff::/20")]
_SIX_TO_FOUR = ip_network("2002::/16")
_NAT64 = ip_network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)
"""What stands before the IPv4 address in the last 64 bits of a tunnel within a site (RFC 5214)."""

_NAME = re.compile(r"[a-z0-9._-]+", re.IGNORECASE)
_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff]")
_MALFORMED = "not a valid address; it looks like https://host/picture.jpg"
_SHOWN = 60


def is_public(address: IPAddress) -> bool:
    """Whether an address is one that anybody on the internet reaches.

    Loopback, private, shared, link-local, documentation, multicast, reserved and unspecified addresses are
    not, nor are IPv4-mapped ones and tunnels; 6to4 and NAT64 are as public as the IPv4 address inside.

    >>> from ipaddress import ip_address
    >>> is_public(ip_address("93.184.215.14")), is_public(ip_address("192.168.1.1"))
    (True, False)
    >>> is_public(ip_address("64:ff9b::808:808")), is_public(ip_address("64:ff9b::7f00:1"))
    (True, False)
    """
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _BLOCKED_4)
    number = int(address)
    if address in _NAT64:
        return is_public(IPv4Address(number & 0xFFFFFFFF))
    if address in _SIX_TO_FOUR:
        return is_public(IPv4Address(number >> 80 & 0xFFFFFFFF))
    if number >> 32 & 0xFFFFFFFF in _ISATAP:
        return False
    return address in _GLOBAL_6 and not any(address in block for block in _BLOCKED_6)


def is_url(source: object) -> bool:
    """Whether something that a person typed is an address on the network and no path, whatever its scheme.

    >>> is_url("https://example.org/cat.jpg"), is_url("photos/cat.jpg"), is_url(b"http://")
    (True, False, False)
    """
    return isinstance(source, str) and _URL.match(source) is not None


@dataclass(frozen=True)
class WebAddress:
    """An http(s) address taken apart: `host` in ASCII and lower case, `target` what is asked for."""

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, url: str) -> "WebAddress":
        """The parts of an address.

        Raises:
            UsageError: It is not http or https, holds a user or password, or is malformed.

        >>> WebAddress.parse("http://Example.org/a cat.jpg")
        Traceback (most recent call last):
        ...
        neurolupa.errors.UsageError: an address of a picture holds no spaces or control characters; use %20
        >>> WebAddress.parse("http://Example.org?w=400#top")
        WebAddress(scheme='http', host='example.org', port=80, target='/?w=400')
        """
        if _UNPRINTABLE.search(url):
            raise UsageError("an address of a picture holds no spaces or control characters; use %20")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise UsageError(_MALFORMED) from None
        if parts.scheme not in PORTS:
            raise UsageError(f"pictures are fetched by http and https, not by {parts.scheme[:20]!r}")
        if "@" in parts.netloc:
            raise UsageError("an address of a picture holds no user name or password")
        if port == 0:
            raise UsageError(_MALFORMED)
        target = quote(parts.path or "/", safe=_SAFE) + (
            f"?{quote(parts.query, safe=_SAFE)}" * bool(parts.query)
        )
        return cls(parts.scheme, _ascii_host(host), port or PORTS[parts.scheme], target)

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's own, port: what the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """The address for a message: host and path, without what follows the question mark.

        >>> WebAddress.parse("https://example.org:8000/cat.jpg?key=secret").shown
        'example.org:8000/cat.jpg'
        """
        short = self.authority + self.target.partition("?")[0]
        return short if len(short) <= _SHOWN else f"{short[: _SHOWN - 3]}..."

    def join(self, location: str) -> "WebAddress":
        """The address that a redirect names, seen from this one; UsageError as for `parse`.

        >>> WebAddress.parse("https://example.org/a/b").join("../c.png").target
        '/c.png'
        """
        return WebAddress.parse(urljoin(f"{self.scheme}://{self.authority}{self.target}", location))


_SAFE = "%/:=&?~+!$,;'@()*[]"


def _ascii_host(host: str) -> str:
    if "%" in host:  # an escape, or the zone of an address that is never public
        raise UsageError(_MALFORMED)
    if ":" in host:
        try:
            return str(IPv6Address(host))
        except ValueError:
            raise UsageError(_MALFORMED) from None
    try:
        found = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        found = ""
    if not _NAME.fullmatch(found):
        raise UsageError(_MALFORMED)
    return found
