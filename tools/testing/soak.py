# SPDX-License-Identifier: MIT
"""`make soak`: the unit tests and the soak scripts, round after round, each round under a seed of its own.

The state is written after each round, so a soak that was stopped goes on in the round that it was stopped in, and its
closing line counts all rounds.
"""
import json
import os

from . import builds
from .jobs import find_scripts
from .tiers import is_over, make, run_jobs, unit_jobs

STATE = builds.ROOT / "build/soak/state.json"


def load(match, rounds):
    """Where to go on; the beginning, when that was another soak or is over."""
    try:
        state = json.loads(STATE.read_text())
        if state["match"] == match and (not rounds or state["round"] < rounds):
            return state
    except (FileNotFoundError, ValueError, KeyError):
        pass
    return {"round": 0, "passed": 0, "failed": 0, "skipped": 0, "failures": []}


def save(report, match, number):
    STATE.parent.mkdir(parents=True, exist_ok=True)
    fresh = STATE.with_suffix(".new")
    fresh.write_text(json.dumps({"match": match, "round": number, "passed": report.passed, "failed": report.failed,
                                 "skipped": report.skipped, "failures": report.failures[-100:]}, indent=1))
    fresh.replace(STATE)


def run(report, match, rounds, deadline):
    both = [build for build in (builds.PLAIN, builds.ASAN) if make(report, build, "soak", deadline)]
    state = load(match, rounds)
    number = state["round"]
    report.passed += state["passed"]
    report.failed += state["failed"]
    report.skipped += state["skipped"]
    report.failures = state["failures"] + report.failures
    if number:
        report.note(f"going on after round {number}; rm {STATE.relative_to(builds.ROOT)} starts afresh")

    while both and not is_over(deadline) and (not rounds or number < rounds):
        number += 1
        os.environ["SEED"] = str(number)
        build = both[number % len(both)]
        report.note(f"round {number}: {build.name}, seed {number}")
        run_jobs(report, unit_jobs(build, match) + find_scripts(build, match, ["soak"]), deadline)
        save(report, match, number)
