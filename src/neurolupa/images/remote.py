"""One picture fetched from the network without letting the address reach what is not public.

The name is resolved once; every address that it resolves to must be public, and the connection goes to one of
exactly these, so that a name server cannot answer differently in between. A redirect starts the same checks
again. The proxies of the environment are not used: a proxy would resolve the name itself.
"""

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, cast

from neurolupa.errors import UsageError
from neurolupa.images.addresses import IPAddress, WebAddress, is_public
from neurolupa.images.formats import SIGNATURE_BYTES, format_of
from neurolupa.images.unreadable import UnreadableImage

REMOTE_FORMATS = frozenset({"JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"})
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16
_HEADERS = {
    "Accept": "image/*",
    "Accept-Encoding": "identity",
    "User-Agent": "neurolupa",
    "Connection": "close",
}


def resolve_host(host: str, port: int) -> tuple[str, ...]:
    """Every address, as text, that the system's resolver gives for a host; OSError where there is none.

    >>> resolve_host("127.0.0.1", 80)
    ('127.0.0.1',)
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True)
class FetchRules:
    """What a fetch may cost and where it may go.

    Attributes:
        seconds: For everything together: names, connections, redirects, and the last byte.
        most_bytes: Of the picture's file, counted as they arrive.
        redirects: How many are followed.
        resolve: From host and port to all addresses.
        allows: Whether an address may be connected to.
        tls: Makes the context that checks a server's certificate.
    """

    seconds: float = 10.0
    most_bytes: int = 20_000_000
    redirects: int = 3
    resolve: Callable[[str, int], Sequence[str]] = resolve_host
    allows: Callable[[IPAddress], bool] = is_public
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context


RULES = FetchRules()


def fetch_image(url: str, rules: FetchRules = RULES) -> bytes:
    """The file of a picture at an http or https address: JPEG, PNG, WebP, GIF, BMP or TIFF, not yet decoded.

    Raises:
        UsageError: Another scheme, a user or password in the address, or no valid address.
        UnreadableImage: A host that is not public or not there, more than `rules.redirects` redirects, an
            answer that is late, too large or an error, or a file that is none of these pictures.

    >>> fetch_image("http://127.0.0.1/cat.jpg")
    Traceback (most recent call last):
    ...
    neurolupa.images.unreadable.UnreadableImage: 127.0.0.1/cat.jpg: not a public address
    """
    address = WebAddress.parse(url)
    deadline = _Deadline(time.monotonic() + rules.seconds)
    for _ in range(rules.redirects + 1):
        with _told(address, rules):
            answer = _ask(address, rules, deadline)
            if isinstance(answer, bytes):
                return _picture(answer)
            address = _follow(address, answer)
    raise UnreadableImage(f"more than {rules.redirects} redirects", address.shown)


def _picture(data: bytes) -> bytes:
    if not data:
        raise UnreadableImage("empty file")
    if format_of(data[:SIGNATURE_BYTES]) not in REMOTE_FORMATS:
        raise UnreadableImage("not an image")
    return data


def _follow(address: WebAddress, location: str) -> WebAddress:
    try:
        return address.join(location)
    except (UsageError, ValueError) as error:
        raise UnreadableImage(f"a redirect that is not followed: {error}") from None


@dataclass(frozen=True)
class _Deadline:
    moment: float

    def left(self) -> float:
        """Seconds until the end, more than none; TimeoutError after it."""
        seconds = self.moment - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


def _ask(address: WebAddress, rules: FetchRules, deadline: _Deadline) -> bytes | str:
    """The bytes that the server sends, or the address that it redirects to."""
    hosts = _resolved(address, rules, deadline)
    with (
        closing(_connected(hosts, address.port, deadline)) as plain,
        closing(_secured(plain, address, rules, deadline)) as wire,
    ):
        connection = http.client.HTTPConnection(address.host, address.port)
        connection.sock = cast(socket.socket, _Wire(wire, deadline))
        connection.request("GET", address.target, headers={"Host": address.authority, **_HEADERS})
        with connection.getresponse() as response:
            return _read(response, rules.most_bytes)


def _read(response: http.client.HTTPResponse, most: int) -> bytes | str:
    if response.status in _REDIRECTS and response.getheader("Location"):
        return str(response.getheader("Location"))
    if response.status != 200:
        phrase = http.client.responses.get(response.status, "")
        raise UnreadableImage(f"the server answers {response.status} {phrase}".rstrip())
    parts, count = [], 0
    while chunk := response.read(_CHUNK):
        parts.append(chunk)
        count += len(chunk)
        if count > most:
            raise UnreadableImage(f"too large: more than {most / 1e6:g} MB")
    return b"".join(parts)


def _resolved(address: WebAddress, rules: FetchRules, deadline: _Deadline) -> Sequence[str]:
    """Every address of the host, all of them allowed."""
    found = _within(deadline, lambda: rules.resolve(address.host, address.port))
    if not found:
        raise socket.gaierror
    if not all(rules.allows(ip_address(each)) for each in found):
        raise UnreadableImage("not a public address")
    return found


def _within(deadline: _Deadline, call: Callable[[], Sequence[str]]) -> Sequence[str]:
    """What a call gives that cannot be stopped itself: past the deadline it is left alone in its thread."""
    results: list[Sequence[str]] = []
    faults: list[Exception] = []

    def work() -> None:
        try:
            results.append(call())
        except Exception as error:  # it belongs to the caller's thread
            faults.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if faults:
        raise faults[0]
    if not results:
        raise TimeoutError
    return results[0]


def _connected(hosts: Sequence[str], port: int, deadline: _Deadline) -> socket.socket:
    """A connection to the first address that takes one; none may use up the others' time."""
    fault: OSError = ConnectionError()
    for place, host in enumerate(hosts):
        try:
            return socket.create_connection((host, port), deadline.left() / (len(hosts) - place))
        except OSError as error:
            fault = error
    raise fault


def _secured(
    plain: socket.socket, address: WebAddress, rules: FetchRules, deadline: _Deadline
) -> socket.socket:
    if address.scheme == "http":
        return plain
    plain.settimeout(deadline.left())
    return rules.tls().wrap_socket(plain, server_hostname=address.host)


class _Wire:
    """What http.client asks of a socket; every wait ends at the deadline, however slowly bytes drip in."""

    def __init__(self, wire: socket.socket, deadline: _Deadline) -> None:
        self._wire, self._deadline = wire, deadline

    def sendall(self, data: bytes) -> None:
        self._wire.settimeout(self._deadline.left())
        self._wire.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._wire, self._deadline))

    def close(self) -> None:
        """Nothing: http.client closes once the headers are read, and the body is still to come."""


class _Incoming(io.RawIOBase):
    def __init__(self, wire: socket.socket, deadline: _Deadline) -> None:
        self._wire, self._deadline = wire, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._wire.settimeout(self._deadline.left())
        return self._wire.recv_into(buffer)


@contextmanager
def _told(address: WebAddress, rules: FetchRules) -> Iterator[None]:
    """Turn whatever goes wrong on the way into one line with the address before it."""
    try:
        yield
    except UnreadableImage as error:
        raise UnreadableImage(error.reason, address.shown) from error.__cause__
    except TimeoutError as error:
        raise UnreadableImage(f"not there within {rules.seconds:g} seconds", address.shown) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreadableImage(_reason(error), address.shown) from error


def _reason(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "no such host, or no network"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the server's certificate is not valid for this host"
    if isinstance(error, ssl.SSLError):
        return "no secure connection"
    if isinstance(error, http.client.HTTPException | ValueError):
        return "the server's answer is no valid HTTP, or breaks off"
    return "no connection, or it broke off"
