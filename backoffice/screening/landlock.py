"""Leaving the file system: after this a process reads only what its own code is made of (Linux 5.13 and later)."""

import ctypes
import os
import sys
import sysconfig
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_ALL_OF_FIRST_VERSION = (1 << 13) - 1
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/fonts", "/dev/null", "/dev/urandom")


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def leave_files(own: Path) -> bool:
    """Keep reading libraries and the code below `own`, and nothing else; False where the kernel cannot do that."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG) < 1:
        return False
    wanted = _Ruleset(_ALL_OF_FIRST_VERSION)
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(ctypes.sizeof(wanted)), 0)
    if ruleset < 0:
        return False
    places = {str(own), sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *_SYSTEM}
    for place in sorted(places):
        _allow(libc, ruleset, place)
    is_done = libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return is_done


def _allow(libc: ctypes.CDLL, ruleset: int, place: str) -> None:
    try:
        found = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    access = _READ_FILE | _READ_DIR if Path(place).is_dir() else _READ_FILE
    rule = _Beneath(access, found)
    libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    os.close(found)
