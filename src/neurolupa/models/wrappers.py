"""What people wrap around a network, taken off again; and what stays hidden inside."""

import copy

import torch
from torch import nn
from torch.nn.parallel import DataParallel, DistributedDataParallel


def unwrap(module: nn.Module) -> tuple[nn.Module, tuple[str, ...]]:
    """The network inside torch.compile, DataParallel and DistributedDataParallel, and a note for each.

    >>> inner, notes = unwrap(nn.DataParallel(nn.Linear(1, 1)))
    >>> type(inner).__name__, notes
    ('Linear', ('unwrapped from DataParallel',))
    """
    notes: list[str] = []
    while (found := _inside(module)) is not None:
        module, wrapper = found
        notes.append(f"unwrapped from {wrapper}")
    return module, (*notes, *_hidden(module))


def _inside(module: nn.Module) -> tuple[nn.Module, str] | None:
    if isinstance(module, DataParallel | DistributedDataParallel):
        return module.module, type(module).__name__
    if _is_compiled_wrapper(module):
        return module._orig_mod, "torch.compile"  # type: ignore[return-value]
    if getattr(module, "_compiled_call_impl", None) is not None:
        # A shallow copy shares layers and tensors but not the compiled call, so the caller's stays compiled.
        return copy.copy(module), "torch.compile"
    return None


def _is_compiled_wrapper(module: nn.Module) -> bool:
    # The class is told by its name, for importing it would load the compiler.
    return type(module).__name__ == "OptimizedModule" and hasattr(module, "_orig_mod")


def _hidden(module: nn.Module) -> tuple[str, ...]:
    """A note on every part whose inner calls nobody can observe."""
    if isinstance(module, torch.jit.ScriptModule):
        return ("a TorchScript network: it predicts, but its inner calls cannot be observed",)
    closed = [
        path
        for path, layer in module.named_modules()
        if isinstance(layer, torch.jit.ScriptModule)
        or _is_compiled_wrapper(layer)
        or getattr(layer, "_compiled_call_impl", None) is not None
    ]
    return (f"{closed[0]} is compiled or scripted: its inner calls cannot be observed",) if closed else ()
