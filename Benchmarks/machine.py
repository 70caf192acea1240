"""Describes the machine in a table of timings."""

import os
import platform
import time


def processor():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def instruction_sets():
    with open("/proc/cpuinfo") as file:
        flags = next((line for line in file if line.startswith("flags")), "").split()
    return ", ".join(flag for flag in ["avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16"] if flag in flags)


def description():
    """Markdown: processor, cores that this process may use, memory, system, date."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{processor()} ({instruction_sets()}), {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB; "
            f"Linux {platform.release()}, Python {platform.python_version()}; {time.strftime('%Y-%m-%d')}")


def busy():
    """CPU seconds that the machine has spent working, since it started."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, interrupt, soft, stolen = map(int, file.readline().split()[1:9])
    return (user + nice + system + interrupt + soft + stolen) / os.sysconf("SC_CLK_TCK")


def spent(process):
    """CPU seconds of a process."""
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
