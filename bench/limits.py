"""Room for thousands of sockets in this process and in those it starts."""

import resource

WANTED_FILES = 65_536


def raise_open_files(wanted: int = WANTED_FILES) -> int:
    """Raise the limit of open files as far as allowed; returns what holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Only root may lift the hard limit, and only as far as the kernel's own.
    for limits in ((wanted, max(hard, wanted)), (min(hard, wanted), hard)):
        if soft >= wanted:
            break
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        except (ValueError, OSError):
            continue
        break
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
