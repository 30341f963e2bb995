"""No packet goes to an address that is not public, however it is written, answered or redirected to.

The numbers in disguise go through the system's own resolver, because it is what understands them. What is
counted is the connections that were tried: `socket.create_connection` is the only door.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address

import pytest

from neurolupa.errors import NeurolupaError, UsageError
from neurolupa.images import UnreadableImage, open_image
from neurolupa.images.addresses import is_public
from neurolupa.images.remote import RULES, fetch_image

NOT_PUBLIC = "not a public address"

# This machine: octal, decimal, hexadecimal, short, padded; as IPv6 mapped, compatible, translated, tunnelled.
THIS_MACHINE = """
    127.0.0.1 127.255.255.254 0177.0.0.1 0177.0.0.01 00000177.0.0.1 2130706433 017700000001 0x7f000001
    0X7F000001 0x7f.1 0x7f.0.1 0x7f.0x0.0x0.0x1 127.1 127.0.1 127.0x0.0.1 0177.1 0 00 0x0 0.0.0.0 0.1
    localhost LocalHost
    [::1] [0:0:0:0:0:0:0:1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:7F00:0001] [::127.0.0.1]
    [::ffff:0:127.0.0.1] [::ffff:0.0.0.0] [2002:7f00:1::] [2002:7f00:1::1] [64:ff9b::127.0.0.1]
    [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2001:0:7f00:1::] [2606:4700::5efe:127.0.0.1]
    [2606:4700::200:5efe:127.0.0.1]
"""
# Neighbours, and the addresses under which clouds tell a machine its own secrets.
INSIDE = """
    10.0.0.1 012.0.0.1 0xa.0.0.1 167772161 172.16.0.1 192.168.1.1 0xc0a80101 192.168.257 100.64.0.1
    169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 [::ffff:169.254.169.254]
    [::ffff:a9fe:a9fe] [2002:a9fe:a9fe::] [64:ff9b::a9fe:a9fe] 168.63.129.16 100.100.100.200 192.0.0.192
    [fd00:ec2::254] [fd20:ce::254] [fe80::1] [fec0::1] [fc00::1] [ff02::1] [::ffff:10.0.0.1] [2002:a00:1::]
    224.0.0.1 255.255.255.255 240.0.0.1 198.18.0.1 192.0.2.1 [2001:db8::1]
"""
# Digits and dots of other alphabets, and characters that nobody sees.
DRESSED = (
    "①②⑦.0.0.1",
    "１２７.0.0.1",  # noqa: RUF001
    "127。0。0。1",
    "127．0．0．1",  # noqa: RUF001
    "127｡0｡0｡1",
    "127.0.0.1\u200b",
    "127.0.0.1\u00ad",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "²¹³⁰⁷⁰⁶⁴³³",
    "１０.０.０.１",  # noqa: RUF001
)
HOSTS = (*THIS_MACHINE.split(), *INSIDE.split(), *DRESSED)

# What only looks like an address of a picture, or hides its host; refused before any name is looked up.
MALFORMED = (
    *("http://127.0.0.1\\@1.1.1.1/", "http://1.1.1.1\\@127.0.0.1/", "http://1.1.1.1@127.0.0.1/a.png"),
    *("http://1.1.1.1:80@127.0.0.1/", "http://127.0.0.1;@1.1.1.1/", "http://:@127.0.0.1/", "http://@0/"),
    *("http://1.1.1.1\\.127.0.0.1/", "http://a＠127.0.0.1/", "http://127.0.0.1／a", "http://a＃b/"),  # noqa: RUF001
    *("http://1.1.1.1\t.evil.example/", "http://1.1.1.1\r\nHost: 127.0.0.1/", "http://1.1.1.1 127.0.0.1/"),
    *("http://127.0.0.1\x00.cats.example/", "http://127.0.0.1%00.cats.example/", "http://%31%32%37.0.0.1/"),
    *("http://127.0.0.1%2f@cats.example/", "http://[fe80::1%25lo]/", "http://[::1%lo]/", "http://[::1%25]/"),
    *("http://[::1/", "http://]/", "http://[[::1]]/", "http://[127.0.0.1]:x/", "http:///127.0.0.1/"),
    *("http://127.0.0.1:80:80/", "http://127.0.0.1:0/", "http://127.0.0.1:-1/", "http://127.0.0.1:+80/"),
    *(
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:\uff18\uff10/",
        "http://127.0.0.1: 80/",
        "http://.../",
        "http:// /",
    ),
    *("ftp://127.0.0.1/", "file:///etc/passwd", "file://localhost/etc/passwd", "gopher://127.0.0.1:6379/_x"),
    *("dict://127.0.0.1:11211/", "ldap://127.0.0.1/", "sftp://127.0.0.1/", "s3://bucket/a.png", "data://a"),
    *("javascript://127.0.0.1/%0aalert(1)", "http+unix://%2fvar%2frun/", "netdoc:///etc/passwd", "phar://a"),
)
# No address at all, so a path of this machine on which nothing lies.
PATHS = (
    "http:127.0.0.1/",
    "http:/127.0.0.1/",
    "ht\ttp://127.0.0.1/",
    " http://127.0.0.1/",
    "file:/etc/shadow_",
)


class Doors:
    """Connections that were tried, by host; `opens` lets those to the test's own server through."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.opens: int | None = None
        self._connect = socket.create_connection

    def __call__(self, address: tuple[str, int], *more: object, **options: object) -> socket.socket:
        self.tried.append(address[0])
        if address[1] != self.opens:
            raise ConnectionRefusedError
        return self._connect(address, *more, **options)


@pytest.fixture
def doors(monkeypatch) -> Doors:
    held = Doors()
    monkeypatch.setattr(socket, "create_connection", held)
    return held


def refusal(call, *arguments) -> str:
    with pytest.raises(NeurolupaError) as caught:
        call(*arguments)
    assert "\n" not in str(caught.value)
    return getattr(caught.value, "reason", str(caught.value))


def test_the_table_is_long_enough():
    assert len(set(HOSTS)) >= 60
    assert len(set(MALFORMED)) >= 40


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("form", ["http://{}/a.png", "https://{}:8443/a.png?x=1#y"])
def test_a_host_that_is_not_public_is_not_connected_to(host, form, doors):
    for fetch in (fetch_image, open_image):
        assert refusal(fetch, form.format(host)) in (NOT_PUBLIC, "no such host, or no network")
    assert doors.tried == []


@pytest.mark.parametrize("host", THIS_MACHINE.split())
def test_the_disguises_are_understood_here_and_not_merely_unknown(host):
    """Most of the table would pass for want of a resolver that knows them: here it must be the guard."""
    told = refusal(fetch_image, f"http://{host}/a.png")
    assert told == NOT_PUBLIC


@pytest.mark.parametrize("url", MALFORMED, ids=ascii)
def test_a_malformed_address_is_refused_before_a_name_is_looked_up(url, doors, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)
    for fetch in (fetch_image, open_image):
        with pytest.raises(UsageError):
            fetch(url)
    assert doors.tried == []


@pytest.mark.parametrize("text", PATHS, ids=ascii)
def test_what_is_no_address_is_a_path_and_fetches_nothing(text, doors):
    with pytest.raises(UnreadableImage, match="file not found"):
        open_image(text)
    assert doors.tried == []


ANSWERS = [
    *(["127.0.0.1"], ["::1"], ["10.0.0.5"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["fe80::1%lo"]),
    *(["93.184.215.14", "10.0.0.5"], ["10.0.0.5", "93.184.215.14"], ["2606:4700::1111", "::1"]),
    *(["93.184.215.14", "93.184.215.15", "0.0.0.0"], ["64:ff9b::a00:1"], ["2002:7f00:1::"]),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=",".join)
@pytest.mark.parametrize("name", ["127.0.0.1.nip.example", "cats.example", "7f000001.rebind.example"])
def test_a_name_with_one_private_address_among_its_answers_is_not_connected_to(name, answer, doors):
    rules = replace(RULES, resolve=lambda host, port: answer)
    assert refusal(fetch_image, f"http://{name}/a.png", rules) == NOT_PUBLIC
    assert doors.tried == []


@pytest.mark.parametrize("answer", [["0177.0.0.1"], ["2130706433"], ["localhost"], ["1.1.1.1\n127.0.0.1"]])
def test_an_answer_that_is_no_plain_address_is_not_connected_to(answer, doors):
    refusal(fetch_image, "http://cats.example/a.png", replace(RULES, resolve=lambda host, port: answer))
    assert doors.tried == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_changes_its_address_is_connected_to_where_it_was_checked(scheme, doors):
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    refusal(fetch_image, f"{scheme}://rebind.example/a.png", replace(RULES, resolve=rebinding))
    assert doors.tried == ["93.184.215.14"]
    assert asked == ["rebind.example"]


class Redirecting(BaseHTTPRequestHandler):
    """Sends whoever asks to the address that the test has set."""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", self.server.target)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def redirecting() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def server() -> Iterator[HTTPServer]:
    with redirecting() as running:
        yield running


def first_hop_only():
    """Rules that let the test's own server on 127.0.0.1 through once, and then what is public."""
    hops: list[object] = []

    def allows(address: object) -> bool:
        hops.append(address)
        return (len(hops) == 1 and address == ip_address("127.0.0.1")) or is_public(address)

    return replace(RULES, allows=allows)


def is_header(text: str) -> bool:
    """Whether a server can send it in a header: the others are no redirects."""
    return all(32 < ord(letter) < 127 for letter in text)


TARGETS = [
    *(f"http://{host}/a.png" for host in HOSTS if is_header(host)),
    *(f"//{host}/a.png" for host in INSIDE.split()[:8]),
    *(url for url in MALFORMED if is_header(url)),
]


@pytest.mark.parametrize("target", TARGETS, ids=ascii)
def test_a_redirect_leads_to_none_of_them(target, server, doors):
    doors.opens, server.target = server.server_port, target
    told = refusal(fetch_image, f"http://127.0.0.1:{server.server_port}/a.png", first_hop_only())
    assert doors.tried == ["127.0.0.1"]  # the test's own server, and nobody after it
    assert told in (NOT_PUBLIC, "no such host, or no network") or told.startswith("a redirect that is not")


def test_a_public_address_is_connected_to(doors):
    """What the other tests count does happen: the table does not pass because nothing ever connects."""
    assert refusal(fetch_image, "http://93.184.215.14/a.png") == "no connection, or it broke off"
    refusal(fetch_image, "http://[2606:4700::1111]/a.png")
    refusal(fetch_image, "http://1.1.1.1#@127.0.0.1/")
    refusal(fetch_image, "http://1.1.1.1?@127.0.0.1/")
    assert doors.tried == ["93.184.215.14", "2606:4700::1111", "1.1.1.1", "1.1.1.1"]
