# SPDX-License-Identifier: MIT
"""One program of unit tests, or one script, run and reported."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .builds import ROOT, Build

SKIPPED = 77
OUTPUT_MAX = 20000  # characters of a failure's output that are shown; all of it is in the log


running = set()  # process groups, for stop_all
stopped = threading.Event()


class Stopped(Exception):
    """The whole run was stopped: what a job came to until then says nothing."""


def stop_all():
    """Kill what runs; whoever waits for it gets Stopped."""
    stopped.set()
    for group in list(running):
        kill_group(group)


def kill_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_command(command, environment, limit_s, log):
    """Run to the end or the limit, output into `log`. Returns (exit status, or None when it took too long; output)."""
    if stopped.is_set():
        raise Stopped
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=file,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        running.add(process.pid)
        try:
            status = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            kill_group(process.pid)  # and whatever it left behind
            process.wait()
            running.discard(process.pid)
    if stopped.is_set():
        raise Stopped
    return status, log.read_text(errors="replace")


def how_it_ended(status, limit_s):
    if status is None:
        return f"still ran after {limit_s:.0f} s"
    if status < 0:
        return f"ended by signal {-status} ({signal.Signals(-status).name})"
    return f"exited with {status}"


def remaining(limit_s, deadline):
    """The limit, cut so that nothing runs much longer than the whole run may."""
    return limit_s if deadline is None else max(1, min(limit_s, deadline + 120 - time.monotonic()))


@dataclass
class UnitJob:
    """A program of unit tests in one build; each of its cases counts."""
    build: Build
    program: Path
    match: str
    alone = False
    limit_s = 1800

    @property
    def name(self):
        return f"{self.build.name} {self.program.name}"

    def arguments(self):
        return [] if self.match in self.program.name else [self.match]

    def is_wanted(self):
        if not self.arguments():
            return True
        listed = subprocess.run([*self.build.wrapper, self.program, "--list", *self.arguments()], capture_output=True)
        return bool(listed.stdout.strip())

    def run(self, report, deadline):
        log = ROOT / "build/log" / self.build.name / f"{self.program.name}.log"
        limit_s = remaining(self.limit_s, deadline)
        command = [*self.build.wrapper, str(self.program.relative_to(ROOT)), *self.arguments()]
        status, output = run_command(command, self.build.environment(), limit_s, log)
        counts = self.report_cases(report, output)
        closing = re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", output, re.M)
        if not closing or [int(number) for number in closing.groups()] != counts:
            report.case("not ok", self.name, f"{how_it_ended(status, limit_s)}, before its closing line; see {log}",
                        output[-OUTPUT_MAX:])
        elif status != 0 and counts[1] == 0:
            report.case("not ok", self.name, f"{how_it_ended(status, limit_s)}, with no case failed; see {log}",
                        output[-OUTPUT_MAX:])
        else:
            report.note(f"{self.name}: {closing.group()}")

    def report_cases(self, report, output):
        """Report each case that the output tells of. Returns the numbers passed, failed, skipped."""
        counts = [0, 0, 0]
        wrapper = " ".join([*self.build.wrapper, ""])
        for block in re.split(r"^(?=ok |not ok |skip )", output, flags=re.M)[1:]:
            line, _, rest = block.partition("\n")
            if line.startswith("ok "):
                counts[0] += 1
                report.case("ok", f"{self.build.name} {line[3:]}")
            elif line.startswith("skip "):
                counts[2] += 1
                name, _, why = line[5:].partition(": ")
                report.case("skip", f"{self.build.name} {name}", why)
            else:
                counts[1] += 1
                name, _, rest_of_line = line[7:].partition(" (seed ")
                command = rest_of_line.partition(": ")[2]
                shown = "\n".join(text for text in rest.splitlines() if not re.fullmatch(r"\d+ passed, .*", text))
                repeat = wrapper + command.rstrip(")")
                report.case("not ok", f"{self.build.name} {name}", f"repeat: {repeat}", shown[-OUTPUT_MAX:])
        return counts


class ScriptJob:
    """A script of tests/e2e or tests/checks in one build; one case. CONTRIBUTING.md says what it may rely on."""

    def __init__(self, build, path):
        self.build = build
        self.path = path
        head = "".join(path.read_text(errors="replace").splitlines(keepends=True)[:20])
        said = dict(re.findall(r"^\W*(tier|builds|limit|alone): *(.*?)\s*$", head, re.M))
        self.tier = said.get("tier", "test")
        self.builds = said.get("builds", "plain asan" if path.parent.name == "e2e" else "plain").split()
        self.limit_s = int(said.get("limit", "120"))
        self.alone = said.get("alone", "no") == "yes"

    @property
    def name(self):
        return f"{self.build.name} {self.path.parent.name}/{self.path.name}"

    def run(self, report, deadline):
        log = ROOT / "build/log" / self.build.name / f"{self.path.name}.log"
        limit_s = remaining(self.limit_s, deadline)
        folder = tempfile.mkdtemp(prefix="weir-test-")
        try:
            environment = self.build.environment() | {"TMPDIR": folder}
            status, output = run_command([str(self.path)], environment, limit_s, log)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        lines = output.strip().splitlines() or ["it printed nothing"]
        if status == 0:
            report.case("ok", self.name)
            if not report.verbose:
                report.note(f"{self.name}: passed")
        elif status == SKIPPED:
            report.case("skip", self.name, lines[-1])
        else:
            report.case("not ok", self.name, f"{how_it_ended(status, limit_s)}; repeat: WEIR_BUILD={self.build.folder} "
                        f"WEIR_BIN={self.build.folder}/bin {self.path.relative_to(ROOT)}", output[-OUTPUT_MAX:])


def find_scripts(build, match, tiers):
    """The scripts of these tiers that want to run in this build."""
    paths = sorted(path for folder in ("checks", "e2e") for path in (ROOT / "tests" / folder).glob("*")
                   if path.is_file() and os.access(path, os.X_OK) and match in f"{folder}/{path.name}")
    jobs = [ScriptJob(build, path) for path in paths]
    return [job for job in jobs if job.tier in tiers and build.name in job.builds]
