# SPDX-License-Identifier: MIT
"""The builds that the tests run in, and how programs of each are run. tools/build makes them."""
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SANITIZER_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1",
}
VALGRIND = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite"]


@dataclass
class Build:
    name: str  # as tools/build knows it, but for "valgrind", which runs the plain one
    folder: str
    limit_s: int = 60  # of one unit case
    slow: bool = False  # tells the tests to do with less
    wrapper: list = field(default_factory=list)

    def make(self):
        """Build it. Returns what it printed when that failed, else None."""
        name = "plain" if self.name == "valgrind" else self.name
        made = subprocess.run(["tools/build", name], cwd=ROOT, env=os.environ | {"WEIR_BUILD_QUIET": "1"},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        first_error = re.search(r"^.*(\berror:|ERROR:|undefined reference)", made.stdout, re.M)
        return None if made.returncode == 0 else made.stdout[first_error.start() if first_error else 0:][:8000]

    def environment(self):
        """For programs and scripts that run in this build."""
        folder = ROOT / self.folder
        own = {"WEIR_BUILD": str(folder), "WEIR_BIN": str(folder / "bin"), "WEIR_TEST_LIMIT": str(self.limit_s),
               "WEIR_TEST_UNDER": self.name}
        if self.slow:
            own["WEIR_TEST_SLOW"] = "1"
        if os.environ.get("SEED"):
            own["WEIR_TEST_SEED"] = os.environ["SEED"]
        return os.environ | SANITIZER_ENVIRONMENT | own

    def unit_programs(self):
        """The unit tests' programs of this build, which must have been made."""
        return sorted(path for path in (ROOT / self.folder / "tests").glob("test_*") if path.is_file())


PLAIN = Build("plain", "build")
ASAN = Build("asan", "build/asan", limit_s=180)
GCC = Build("gcc", "build/gcc")
CLANG = Build("clang", "build/clang")
TSAN = Build("tsan", "build/tsan", limit_s=300, slow=True)
VALGRIND_PLAIN = Build("valgrind", "build", limit_s=300, slow=True, wrapper=VALGRIND)
AARCH64 = Build("aarch64", "build/aarch64", limit_s=300, slow=True,
                wrapper=["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"])
