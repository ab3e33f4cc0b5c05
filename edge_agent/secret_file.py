"""Secrets in files of their own, which only their owner reads."""

import stat
from pathlib import Path


def read_secret(file: Path) -> tuple[str, str]:
    """What stands in a secret's file, and what is wrong with the file; one of both is empty."""
    try:
        text, mode = file.read_text("utf-8").strip(), file.stat().st_mode
    except OSError as err:
        make = f"(umask 077; mkdir -p {file.parent}; openssl rand -hex 20 > {file})"
        return "", f"{file}: {err.strerror}; make it: {make}"
    except UnicodeDecodeError:
        return "", f"{file} is not text: put one line of UTF-8 into it"
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return "", f"others can read {file}: chmod 600 {file}"
    return text, ""
