# SPDX-License-Identifier: MIT
"""What `make test` and `make test-all` are made of."""
import os
import time
from concurrent.futures import ThreadPoolExecutor

from . import builds
from .jobs import UnitJob, find_scripts, stop_all


def is_over(deadline):
    return deadline is not None and time.monotonic() > deadline


def run_jobs(report, jobs, deadline):
    """As many at a time as there are cores; those that want to be alone one after another, at the end."""
    def run(job):
        if is_over(deadline):
            report.case("skip", job.name, "the time given was over")
        else:
            job.run(report, deadline)

    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        together = [pool.submit(run, job) for job in jobs if not job.alone]
        for future in together:
            future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        stop_all()
        raise
    finally:
        pool.shutdown()
    for job in jobs:
        if job.alone:
            run(job)


def make(report, build, match, deadline):
    """Make a build. True when its tests can run; a build without a warning is a case of its own."""
    if is_over(deadline):
        report.case("skip", f"build {build.name}", "the time given was over")
        return False
    report.note(f"building {build.name}, in {build.folder}")
    output = build.make()
    if output is not None:
        report.case("not ok", f"build {build.name}", f"repeat: tools/build {build.name}", output)
    elif not match:
        report.case("ok", f"build {build.name}")
    return output is None


def unit_jobs(build, match):
    jobs = [UnitJob(build, program, match) for program in build.unit_programs()]
    return [job for job in jobs if job.is_wanted()]


def run(report, tier, match, deadline):
    tiers = ["test"] if tier == "test" else ["test", "all"]
    scripts, units = [], []
    for build in (builds.PLAIN, builds.ASAN):
        if make(report, build, match, deadline):
            scripts += find_scripts(build, match, tiers)
            units += unit_jobs(build, match)
    run_jobs(report, units + scripts, deadline)
    if tier == "all":
        for build in (builds.GCC, builds.CLANG, builds.AARCH64, builds.TSAN, builds.VALGRIND_PLAIN):
            if make(report, build, match, deadline) and build is not builds.GCC:
                run_jobs(report, unit_jobs(build, match), deadline)
