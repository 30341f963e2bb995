"""fetch_image: what it fetches, and everything that it must not reach, wait for or take in."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import numpy as np
import pytest

from neurolupa.images import UnreadableImage, image_size, open_image, opening
from neurolupa.images.addresses import is_public
from neurolupa.images.remote import RULES, fetch_image

HERE = ip_address("127.0.0.1")
NAMES = {
    "cats.example": ["127.0.0.1"],
    "inner.example": ["10.0.0.5"],
    "mixed.example": ["127.0.0.1", "192.168.1.1"],
    "silent.example": [],
}


def resolve(host: str, port: int) -> list[str]:
    return NAMES.get(host, [host])


# The tests' own servers are on 127.0.0.1, so that address is let through beside the public ones.
LOCAL = replace(RULES, resolve=resolve, allows=lambda address: address == HERE or is_public(address))


class Handler(BaseHTTPRequestHandler):
    """Answers by the first part of the path, from what the test put on the server."""

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        name = self.path.split("/")[1].split("?")[0]
        self.server.answers[name](self)

    def log_message(self, *args):
        pass


def sending(body: bytes, length: int | None = None):
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirecting(location: str, status: int = 302):
    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Location", location.replace("PORT", str(handler.server.server_port)))
        handler.end_headers()

    return answer


@pytest.fixture
def server(encode, noise):
    with serving({"cat.png": sending(encode(noise))}) as running:
        yield running


@contextmanager
def serving(answers):
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    running.answers, running.asked = answers, []
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield running
    finally:
        running.shutdown()
        running.server_close()


def at(server, path: str, host: str = "cats.example") -> str:
    return f"http://{host}:{server.server_port}/{path}"


def reason(url: str, rules=LOCAL) -> str:
    with pytest.raises(UnreadableImage) as caught:
        fetch_image(url, rules)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(caught.value.name)
    return caught.value.reason


def test_a_picture_comes_as_it_was_sent(server, noise):
    data = fetch_image(at(server, "cat.png?w=400&q=ä#top"), LOCAL)
    assert np.array_equal(np.asarray(open_image(data)), noise)
    path, headers = server.asked[0]
    assert path == "/cat.png?w=400&q=%C3%A4"
    assert headers["Host"] == f"cats.example:{server.server_port}"
    assert headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_allowed_format(server, encode, noise, kind):
    server.answers["it"] = sending(encode(noise, kind))
    assert open_image(fetch_image(at(server, "it"), LOCAL)).size == (64, 48)


def test_what_is_no_allowed_picture(server, encode, noise):
    for body, told in (
        (b"<html>", "not an image"),
        (b"", "empty file"),
        (encode(noise, "PPM"), "not an image"),
    ):
        server.answers["it"] = sending(body)
        assert reason(at(server, "it")) == told


def test_proxies_of_the_environment_are_not_used(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert fetch_image(at(server, "cat.png"), LOCAL)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed_and_not_four(server, status):
    server.answers |= {
        "a": redirecting("/b", status),
        "b": redirecting("http://cats.example:PORT/c", status),
        "c": redirecting("cat.png", status),
    }
    assert fetch_image(at(server, "a"), LOCAL)
    server.answers["z"] = redirecting("a", status)
    assert reason(at(server, "z")) == "more than 3 redirects"


def test_a_redirect_loop_ends(server):
    server.answers["a"] = redirecting("/a")
    assert reason(at(server, "a")) == "more than 3 redirects"
    assert len(server.asked) == 4


@pytest.mark.parametrize("place", ["http://inner.example:PORT/cat.png", "//10.0.0.5/x", "http://[::1]:PORT/"])
def test_a_redirect_to_a_private_address_is_refused(server, place):
    server.answers["a"] = redirecting(place)
    assert reason(at(server, "a")) == "not a public address"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "place", ["ftp://cats.example/a.png", "file:///etc/passwd", "http://a:b@cats.example/"]
)
def test_a_redirect_to_what_is_no_web_address_is_refused(server, place):
    server.answers["a"] = redirecting(place)
    assert reason(at(server, "a")).startswith("a redirect that is not followed: ")


def test_one_private_address_among_the_answers_is_enough(server):
    assert reason(at(server, "cat.png", "mixed.example")) == "not a public address"
    assert server.asked == []


def test_the_name_is_resolved_once_and_that_address_is_connected_to(server):
    asked = []

    def changing(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.5"]

    assert fetch_image(at(server, "cat.png"), replace(LOCAL, resolve=changing))
    assert asked == ["cats.example"]


def test_by_default_this_machine_is_never_asked(server):
    for host in (
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ):
        assert reason(at(server, "cat.png", host), RULES) == "not a public address"
    with pytest.raises(UnreadableImage, match="not a public address"):
        open_image(at(server, "cat.png", "127.0.0.1"))
    assert server.asked == []


def test_an_endless_body_is_cut_off_at_the_limit(server):
    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"\x89PNG\r\n\x1a\n" * 8192)

    server.handle_error = lambda *_: None  # the fetch hangs up on it
    server.answers["it"] = endless
    assert reason(at(server, "it")) == "too large: more than 20 MB"


def test_the_limit_counts_what_arrives(server, encode, noise):
    data = encode(noise)
    assert fetch_image(at(server, "cat.png"), replace(LOCAL, most_bytes=len(data))) == data
    tight = replace(LOCAL, most_bytes=len(data) - 1)
    assert reason(at(server, "cat.png"), tight).startswith("too large")
    server.answers["it"] = sending(data, length=10**12)  # what is declared counts for nothing
    assert fetch_image(at(server, "it"), LOCAL) == data


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 100 C\r\n"]
)
def test_a_server_that_drips_is_left_at_the_deadline(start):
    with dripping(start) as port:
        begun = time.monotonic()
        told = reason(f"http://cats.example:{port}/cat.png", replace(LOCAL, seconds=0.3))
        assert told == "not there within 0.3 seconds"
        assert 0.25 < time.monotonic() - begun < 2


@contextmanager
def dripping(start: bytes):
    """A server that sends `start` and then a byte every 20 ms for ever."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            try:
                with listening.accept()[0] as peer:
                    peer.sendall(start)
                    while not stop.wait(0.02):
                        peer.sendall(b"\x89")
            except OSError:  # the fetch hung up
                pass

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        stop.set()
        thread.join(2)


def test_a_name_server_that_hangs_is_left_at_the_deadline():
    release = threading.Event()
    slow = replace(LOCAL, seconds=0.2, resolve=lambda *_: release.wait(5) and [])
    begun = time.monotonic()
    assert reason("http://cats.example/cat.png", slow) == "not there within 0.2 seconds"
    assert time.monotonic() - begun < 2
    release.set()


def test_redirects_share_one_deadline(server):
    def slow(handler: Handler) -> None:
        time.sleep(0.2)
        redirecting("/slow")(handler)

    server.answers["slow"] = slow
    assert reason(at(server, "slow"), replace(LOCAL, seconds=0.5)) == "not there within 0.5 seconds"


def test_error_pages_and_faults_on_the_way(server):
    server.answers["it"] = lambda handler: handler.send_error(404, "</script>")
    assert reason(at(server, "it")) == "the server answers 404 Not Found"
    server.answers["it"] = lambda handler: handler.wfile.write(b"no http at all\r\n\r\n")
    assert reason(at(server, "it")) == "the server's answer is no valid HTTP, or breaks off"
    assert reason("http://silent.example/") == "no such host, or no network"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert reason(f"http://cats.example:{port}/") == "no connection, or it broke off"


def test_the_second_address_is_tried_where_the_first_takes_no_connection(server):
    both = replace(LOCAL, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"], allows=lambda _: True)
    assert fetch_image(at(server, "cat.png"), both)


def test_the_pixel_cap_and_the_name_of_a_fetched_picture(encode, noise, monkeypatch):
    monkeypatch.setattr(opening, "fetch_image", lambda url: encode(noise))
    url = "https://cats.example/cat.png?key=secret"
    assert np.array_equal(np.asarray(open_image(url)), noise)
    assert image_size(url) == (64, 48)
    with pytest.raises(UnreadableImage) as caught:
        open_image(url, max_pixels=100)
    assert str(caught.value) == "cats.example/cat.png: too large: 64 x 48 pixels"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for cats.example, made for this run."""
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("openssl makes the certificate of this test's server, and is not there")
    folder = tmp_path_factory.mktemp("tls")
    names = ("-subj", "/CN=cats.example", "-addext", "subjectAltName=DNS:cats.example")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    files = ("-keyout", folder / "key.pem", "-out", folder / "cert.pem")
    subprocess.run([tool, "req", "-x509", *key, *names, *files], check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


def test_https_asks_for_the_name_and_checks_its_certificate(server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    told = []
    context.sni_callback = lambda _, name, __: told.append(name)
    server.handle_error = lambda *_: None  # clients that do not trust it
    server.socket = context.wrap_socket(server.socket, server_side=True)
    trusting = replace(LOCAL, tls=lambda: ssl.create_default_context(cafile=certificate[0]))
    assert fetch_image(at(server, "cat.png").replace("http:", "https:"), trusting)
    assert told == ["cats.example"]
    invalid = "the server's certificate is not valid for this host"
    other = replace(trusting, resolve=lambda *_: ["127.0.0.1"])
    assert reason(f"https://dogs.example:{server.server_port}/cat.png", other) == invalid
    assert reason(at(server, "cat.png").replace("http:", "https:")) == invalid  # nobody vouches for it
