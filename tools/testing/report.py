# SPDX-License-Identifier: MIT
"""What the tests came to: counted, and printed as it comes. Called from several threads."""
import sys
import threading


class Report:
    def __init__(self, verbose=False):
        self.passed = self.failed = self.skipped = 0
        self.failures = []
        self.verbose = verbose
        self.lock = threading.Lock()

    def note(self, text):
        with self.lock:
            print(text, flush=True)

    def case(self, outcome, name, why="", output=""):
        """One case: "ok", "skip" with why, or "not ok" with its output and how to repeat it."""
        with self.lock:
            if outcome == "ok":
                self.passed += 1
                if self.verbose:
                    print(f"ok {name}")
            elif outcome == "skip":
                self.skipped += 1
                print(f"skip {name}: {why}")
            else:
                self.failed += 1
                self.failures.append(f"{name}: {why}" if why else name)
                print(f"not ok {name}: {why}" if why else f"not ok {name}")
                for line in output.splitlines():
                    print(f"    {line}")
            sys.stdout.flush()

    def close(self):
        """Print the failures once more, then the counts as the last line. Returns the exit status."""
        if self.failures:
            print("\nFailed:")
            for failure in self.failures:
                print(f"  {failure}")
        found = self.passed + self.failed + self.skipped > 0
        if not found:
            print("no test has that name: build/tests/test_... --list, tests/e2e and tests/checks have the names")
        if self.skipped:
            print(f"{self.skipped} skipped, each with its reason above")
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 0 if found and self.failed == 0 else 1
