"""The secrets of a real site on one machine: made once, kept beside the data, readable by its owner only.

`python -m portal.environment` asks for the public address and writes DATA_DIR/site.env; who sets the variables
in another way needs none of it.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

FILE = "site.env"


def prepare(data_dir: Path, public_url: str) -> bool:
    """Write the file with fresh keys unless it is there; returns whether it was written. `public_url` as residents
    type it, with http:// or https://. Raises ValueError for another address."""
    path = data_dir / FILE
    if path.exists():
        return False
    if not public_url.startswith(("http://", "https://")):
        raise ValueError("网址要以 http:// 或者 https:// 开头，例如 https://cun.example.gov.cn")
    data_dir.mkdir(parents=True, exist_ok=True)
    text = f"SECRET_KEY={secrets.token_urlsafe(48)}\nFIELD_KEY={secrets.token_urlsafe(48)}\nPUBLIC_URL={public_url}\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return True


def main() -> int:
    data_dir = Path(os.environ.get("DATA_DIR", ".site"))
    if (data_dir / FILE).exists():
        return 0
    address = os.environ.get("PUBLIC_URL", "")
    if not address and sys.stdin.isatty():
        address = input("居民用什么网址打开门户？（例如 https://cun.example.gov.cn）")
    try:
        prepare(data_dir, address.strip().rstrip("/"))
    except ValueError as error:
        sys.stderr.write(f"{error}\n可以这样写：make setup PUBLIC_URL=https://cun.example.gov.cn\n")
        return 2
    sys.stdout.write(f"密钥已写入 {data_dir / FILE}，请和数据库分开备份，不要外传。\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
