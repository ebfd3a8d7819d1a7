"""One decorator for everything that is compiled, and a cache that cannot serve a stale rule.

Numba's own cache looks only at the file of the function it compiles, not at the functions that one
calls: after an edit in `rules.py` a cached kernel would go on with the old rule. Here the cache
folder is named by a hash of every source file of this package (and of the versions of Python and
Numba), so any edit means a new folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import numba
from llvmlite import ir
from numba import extending
from numba.core import config as _config
from numba.core import event as _event

from simulation.compiling import notice

_KEPT_FOLDERS = 6
"""How many caches of earlier versions stay on disk."""

_IS_HASH = re.compile(r"[0-9a-f]{16}")

numba_config: Any = _config
_njit: Any = numba.njit  # its stubs do not know every option
_intrinsic: Any = extending.intrinsic

_with_twin: set[object] = set()


class _Listener(_event.Listener):
    """Hears of every function of this package that is compiled, not of those read from the cache."""

    def on_start(self, event: Any) -> None:
        if _is_ours(event):
            notice.begin()

    def on_end(self, event: Any) -> None:
        if _is_ours(event):
            notice.end()


def _is_ours(event: Any) -> bool:
    return str(event.data["dispatcher"].py_func.__module__).startswith("simulation.")


_hears_of: Any = _event.register  # it has no types
_hears_of("numba:compile", _Listener())

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Return `function` compiled on its first call, free of the GIL, cached on disk if possible.

    No fast-math: the compiled function returns the same bytes as the same operations in Python.
    """
    return _cached(_njit(nogil=True, error_model="numpy")(function))


def compiled_without_counting(function: F) -> F:
    """Like `compiled`, for functions that allocate nothing: arrays are handed on uncounted.

    Numba counts references to every array at every call, with atomic additions; in the small functions
    of the kernel that was a third of the time.
    """
    return _cached(_njit(nogil=True, error_model="numpy", _nrt=False)(function))


def compiled_once(function: F) -> F:
    """Like `compiled_without_counting`, for what is called in one place: it becomes part of its caller.

    A call hands on every array as seven numbers, and dozens of numbers on the stack are dear.
    """
    return _cached(_njit(nogil=True, error_model="numpy", _nrt=False, forceinline=True)(function))


def inlined(function: F) -> F:
    """Like `compiled`, for the innermost function of all: it is copied into every caller."""
    return _cached(_njit(nogil=True, error_model="numpy", forceinline=True)(function))


def _cached(dispatcher: Any) -> Any:
    folder = cache_folder()
    if folder is not None:
        _enable_cache(dispatcher, folder)
    return dispatcher


def _counting(name: str, *more: Any) -> Callable[..., Any]:
    """Return what calls an instruction of the processor that counts bits."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        (bits,) = args
        kind = ir.FunctionType(bits.type, [bits.type, *(x.type for x in more)])
        return builder.call(builder.module.declare_intrinsic(name, (bits.type,), kind), [bits, *more])

    return generate


_MAY_BE_ZERO = ir.Constant(ir.IntType(1), 0)


def _lowest_bit(typingctx: Any, bits: Any) -> Any:
    """Return the position of the lowest bit that is set; behind the last one where none is."""
    return bits(bits), _counting("llvm.cttz", _MAY_BE_ZERO)


def _how_many_bits(typingctx: Any, bits: Any) -> Any:
    """Return how many bits are set."""
    return bits(bits), _counting("llvm.ctpop")


lowest_bit: Callable[[int], int] = _intrinsic(_lowest_bit)
how_many_bits: Callable[[int], int] = _intrinsic(_how_many_bits)
"""For compiled functions: one instruction of the processor each."""


def rule(function: F) -> F:
    """Like `compiled`, for a rule of plain arithmetic over records: it also has a plain twin.

    `plain_twin` gives the same function uncompiled, at the speed of Python and open to a debugger.
    Whatever needs exp, log or a power is `compiled` only, so that both engines get the same bytes.
    """
    dispatcher = compiled(function)
    _with_twin.add(dispatcher)
    return dispatcher


def plain_twin(module: ModuleType) -> Any:
    """Return a copy of a module in which every `rule` runs uncompiled, calling the other twins."""
    twin = ModuleType(module.__name__)
    names = vars(twin)
    names.update(vars(module))
    for name, thing in vars(module).items():
        if isinstance(thing, Hashable) and thing in _with_twin:
            code = thing.py_func.__code__  # type: ignore[attr-defined]
            names[name] = FunctionType(code, names, name, thing.py_func.__defaults__)  # type: ignore[attr-defined]
    return twin


@cache
def cache_folder() -> Path | None:
    """Return the folder of this version's compiled code, or None where none can be written.

    `TRAPPE_CACHE` names another place; otherwise the user's cache folder. A folder shared with other
    users (such as the temporary folder) is never used, because cached code is loaded unchecked.
    """
    base = _cache_base()
    if base is None:
        return None
    folder = base / source_hash()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        return None
    with suppress(OSError):  # another process may be tidying up too
        _forget_old_folders(base, keep=folder)
    return folder


@cache
def source_hash() -> str:
    """Return 16 hex digits that change with any source file here, with Python and with Numba."""
    digest = hashlib.sha256(f"{sys.version}|{numba.__version__}".encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _cache_base() -> Path | None:
    if "TRAPPE_CACHE" in os.environ:
        return Path(os.environ["TRAPPE_CACHE"])
    if "XDG_CACHE_HOME" in os.environ:
        return Path(os.environ["XDG_CACHE_HOME"]) / "indsatstrappe"
    try:
        return Path.home() / ".cache" / "indsatstrappe"
    except RuntimeError:
        return None


def _enable_cache(dispatcher: object, folder: Path) -> None:
    before = numba_config.CACHE_DIR
    numba_config.CACHE_DIR = str(folder)
    try:
        dispatcher.enable_caching()  # type: ignore[attr-defined]
    except RuntimeError:  # no place to cache: compile at every start instead
        pass
    finally:
        numba_config.CACHE_DIR = before


def _forget_old_folders(base: Path, keep: Path) -> None:
    """Remove caches of earlier versions: only folders that `source_hash` could have named."""
    others = [f for f in base.iterdir() if f != keep and _IS_HASH.fullmatch(f.name) and f.is_dir()]
    others.sort(key=lambda f: f.stat().st_mtime, reverse=True)
    for folder in others[_KEPT_FOLDERS:]:
        shutil.rmtree(folder, ignore_errors=True)
