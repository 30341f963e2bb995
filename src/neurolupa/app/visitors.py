"""Who can reach the dashboard: this machine alone, or others, who are given less.

Whoever sits at the machine can open its folders and run its code anyway. A visitor from elsewhere could not,
so a server that listens to others opens for them neither, unless its owner says that they are trusted.
"""

import os
from ipaddress import ip_address
from pathlib import Path

import streamlit as st

from neurolupa.app.links import OWN_SETS

ATLAS_VARIABLE = "NEUROLUPA_ATLAS"
TRUST_VARIABLE = "NEUROLUPA_TRUST_VISITORS"


def is_local(address: str | None) -> bool:
    """Whether a server that listens at this address is reached from its own machine alone.

    >>> is_local("127.0.0.1"), is_local("::1"), is_local("0.0.0.0"), is_local(None)
    (True, True, False, False)
    """
    if not address:
        return False
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address.lower() == "localhost" or address.startswith("unix:")


def warning(address: str, port: int, trusted: bool) -> tuple[str, ...]:
    """What an owner must know before the server listens at an address; nothing where only this machine can.

    >>> warning("127.0.0.1", 8501, trusted=False)
    ()
    >>> len(warning("0.0.0.0", 8501, trusted=False))
    2
    """
    if is_local(address):
        return ()
    may = "open any file and run any code of this machine, as you can" if trusted else "use it"
    tunnel = f"ssh -L {port}:127.0.0.1:{port} HOST"
    told = f"anyone who reaches port {port} of this machine can {may}; there is no sign-in"
    safer = f"leave --address out and come by {tunnel}, or by a reverse proxy with a password"
    return f"warning: {told}", f"safer: {safer} (docs/security.md)"


def are_strangers() -> bool:
    """Whether those who look may be others than the owner and those whom the owner trusts."""
    return not os.environ.get(TRUST_VARIABLE) and not is_local(st.get_option("server.address"))


def may_run(named: bool, weights: str) -> bool:
    """Whether visitors may load a network; `named` where it is known by name and comes from no code.

    Strangers load networks by name alone, with no weights file of this machine.
    """
    return not are_strangers() or (named and weights in ("default", "random"))


def may_read(images: str) -> bool:
    """Whether visitors may open an image set: strangers those that ship or are drawn."""
    return not are_strangers() or images.strip().partition("?")[0] in OWN_SETS


def may_open(folder: str | Path) -> bool:
    """Whether visitors may open a folder: strangers the atlas of the start, and what lies in it."""
    if not are_strangers():
        return True
    started = os.environ.get(ATLAS_VARIABLE)
    if not started or str(folder).startswith(("//", "\\\\")):
        return False
    try:
        return Path(folder).expanduser().resolve().is_relative_to(Path(started).resolve())
    except (OSError, ValueError, RuntimeError):
        return False
