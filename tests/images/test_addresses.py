"""Web addresses that are never fetched, and the addresses of hosts that are public or not."""

import socket
from ipaddress import ip_address

import numpy as np
import pytest

from neurolupa.errors import UsageError
from neurolupa.images import open_image
from neurolupa.images.addresses import WebAddress, is_public, is_url
from neurolupa.images.remote import fetch_image

NEVER_FETCHED = [
    *("ftp://cats.example/a.png", "file:///etc/passwd", "gopher://x/", "data://image/png"),
    *("http://user:word@cats.example/", "http://user@cats.example/", "http://@cats.example/"),
    *("http://good.example\\@10.0.0.5/", "http://cats.example/a b", "http://cats.example/\r\nHost:x"),
    *(
        "http://",
        "http:///a.png",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://a..b/",
        "http://a%00b/",
    ),
    *("http://cats.example:99999/", "http://cats.example:0/", "http://cats.example:x/"),
    *(f"http://{'a' * 70}.org/", "http://cats.example/\udcff"),
]


@pytest.mark.parametrize("url", NEVER_FETCHED)
def test_addresses_that_are_never_fetched(url, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)
    with pytest.raises(UsageError) as caught:
        fetch_image(url)
    assert "\n" not in str(caught.value)
    with pytest.raises(UsageError):
        open_image(url)


def test_hosts_are_written_as_the_network_writes_them():
    assert WebAddress.parse("http://BÜCHER.example/").host == "xn--bcher-kva.example"
    assert (
        WebAddress.parse("https://[2001:4860:4860:0::8888]:8080/").authority == "[2001:4860:4860::8888]:8080"
    )
    assert WebAddress.parse("http://①②⑦.0.0.1/").host == "127.0.0.1"


def test_texts_that_are_addresses():
    assert all(map(is_url, ("HTTPS://x/y", "ftp://x")))
    assert not any(map(is_url, ("cat.jpg", "/a/http://b", "C://pictures/cat.jpg", b"http://x", None)))


# IANA special-purpose address registries, first and last address of each block, and neighbours outside.
BLOCKED = """
    0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1
    127.255.255.255 169.254.169.254 172.16.0.0 172.31.255.255 192.0.0.1 192.0.2.1 192.168.0.0
    192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
    239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8
    fe80::1 febf::1 fec0::1 fc00::1 fdff::1 ff02::1 100::1 2001::1 2001:2::1 2001:10::1
    2001:20::1 2001:db8::1 3fff::1 5f00::1 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1
    2002:c0a8:101:: 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254
"""
PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255
    128.0.0.1 169.253.255.255 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0
    198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2a00:1450:4001::200e
    2001:4860:4860::8888 2002:808:808::1 64:ff9b::8.8.8.8
"""


def test_public_and_other_addresses():
    assert [text for text in BLOCKED.split() if is_public(ip_address(text))] == []
    assert [text for text in PUBLIC.split() if not is_public(ip_address(text))] == []


def test_nothing_that_python_calls_private_is_public():
    draw = np.random.default_rng(0).integers(0, 2**32, 5_000)
    fours = [ip_address(int(number)) for number in draw]
    assert not [one for one in fours if is_public(one) and (not one.is_global or one.is_multicast)]
