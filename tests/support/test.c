/* SPDX-License-Identifier: MIT */
/* test.c: the runner: one process a case, its output kept and shown only when it fails.
 * Invariant: whatever a case does to itself, the runner prints one line about it and goes on with the next. */
#include "support/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    STATUS_SKIPPED = 77,
    LIMIT_DEFAULT_S = 60,
    LIMIT_MAX_S = 86400,
    SLOW_PART = 50,
    SLICE_MS = 100,
    OUTPUT_MAX_BYTES = 65536, /* what is shown of a failed case: the last of it */
};

enum outcome { PASSED, FAILED, SKIPPED };

/** What a case's process tells the runner beside its exit status; in memory that both share. */
struct note {
    bool finished; /* the body returned and nothing was left behind */
    char why[512]; /* the reason of a skip */
};

static struct {
    struct test_case *first, **end;
    struct note *note;
    uint64_t seed;
    int limit_s;
    const char *program;
} runner;

void test_register(struct test_case *test) {
    if (runner.end == NULL)
        runner.end = &runner.first;
    *runner.end = test;
    runner.end = &test->next;
}

uint64_t test_seed(void) { return runner.seed; }

unsigned test_scaled(unsigned count) {
    unsigned part = getenv("WEIR_TEST_SLOW") != NULL ? count / SLOW_PART : count;
    return part > 0 ? part : 1;
}

bool test_is_under(const char *build) {
    const char *under = getenv("WEIR_TEST_UNDER");
    return under != NULL && strcmp(under, build) == 0;
}

/* ---- In the case's process --------------------------------------------------------------------------------------- */

void test_fail(const char *file, int line, const char *format, ...) {
    va_list args;
    fflush(stdout);
    fprintf(stderr, "%s:%d: ", file, line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, " [seed %llu]\n", (unsigned long long)runner.seed);
    _exit(EXIT_FAILURE);
}

void test_skip(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(runner.note->why, sizeof runner.note->why, format, args);
    va_end(args);
    _exit(STATUS_SKIPPED);
}

/** Open descriptors of this process; -1 where that cannot be known. */
static int count_descriptors(void) {
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;
    if (dir == NULL)
        return -1;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static void redirect(int output) {
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0) {
        dup2(nothing, STDIN_FILENO);
        close(nothing);
    }
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    close(output);
}

static void block_child_signal(int how) {
    sigset_t ended;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    sigprocmask(how, &ended, NULL);
}

/* A case begins with the default actions, whatever the runner was started with (a background job ignores SIGINT). */
static void default_signals(void) {
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD};

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], SIG_DFL);
}

static _Noreturn void run_in_child(const struct test_case *test, int output) {
    const struct rlimit no_core = {0, 0};
    block_child_signal(SIG_UNBLOCK);
    default_signals();
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &no_core);
    redirect(output);

    int before = count_descriptors();
    if (test->run != NULL)
        test->run(test->body, test->backend);
    else
        test->body();
    int left = count_descriptors() - before;
    if (left > 0)
        test_fail(__FILE__, __LINE__, "%d descriptors were left open", left);

    runner.note->finished = true;
    exit(EXIT_SUCCESS); /* not _exit: the leak check runs at exit */
}

/* ---- In the runner ----------------------------------------------------------------------------------------------- */

/** Wait for a case's process up to its limit. True: ended by itself, *ret_status says how. SIGCHLD, which main has
 * blocked, ends the wait; a sanitizer's own thread may take it away, hence the slices. */
static bool wait_for(pid_t child, int *ret_status) {
    const struct timespec slice = {.tv_nsec = SLICE_MS * 1000000};
    struct timespec now;
    sigset_t ended;
    bool in_time = true;

    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (time_t limit_s = now.tv_sec + runner.limit_s; waitpid(child, ret_status, WNOHANG) == 0 && in_time;) {
        sigtimedwait(&ended, NULL, &slice);
        clock_gettime(CLOCK_MONOTONIC, &now);
        in_time = now.tv_sec <= limit_s;
    }
    kill(-child, SIGKILL); /* and what the case started and left behind */
    if (!in_time)
        waitpid(child, ret_status, 0);
    return in_time;
}

/** The last of what a case printed, as a string to free; NULL when out of memory. */
static char *read_output(int output) {
    off_t size = lseek(output, 0, SEEK_END);
    off_t from = size > OUTPUT_MAX_BYTES ? size - OUTPUT_MAX_BYTES : 0;
    char *text = malloc(OUTPUT_MAX_BYTES + 1);
    if (text == NULL)
        return NULL;
    ssize_t got = pread(output, text, OUTPUT_MAX_BYTES, from);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

static void print_indented(const char *text) {
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        printf("    %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/** Why the case did not end as it should, in `why`; true when it did. */
static bool judge(const struct test_case *test, int status, const char *output, char *why, size_t why_bytes) {
    int by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (test->dies_by != 0) {
        if (by != test->dies_by)
            snprintf(why, why_bytes, "should have ended by signal %d (%s), but %s %d", test->dies_by,
                     strsignal(test->dies_by), by ? "ended by signal" : "exited with", by ? by : WEXITSTATUS(status));
        else if (strstr(output, test->dies_say) == NULL)
            snprintf(why, why_bytes, "ended by signal %d, but did not print \"%s\"", by, test->dies_say);
        return by == test->dies_by && strstr(output, test->dies_say) != NULL;
    }
    if (by != 0)
        snprintf(why, why_bytes, "ended by signal %d (%s)", by, strsignal(by));
    else if (WEXITSTATUS(status) != 0)
        snprintf(why, why_bytes, "exited with %d", WEXITSTATUS(status));
    else if (!runner.note->finished)
        snprintf(why, why_bytes, "exited before its end");
    else
        return true;
    return false;
}

static enum outcome report(const struct test_case *test, bool in_time, int status, const char *output) {
    char why[256] = "";
    if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIPPED) {
        printf("skip %s: %s\n", test->name, runner.note->why);
        return SKIPPED;
    }
    if (!in_time)
        snprintf(why, sizeof why, "still ran after %d s", runner.limit_s);
    else if (judge(test, status, output, why, sizeof why)) {
        printf("ok %s\n", test->name);
        return PASSED;
    }
    printf("not ok %s (seed %llu: %s --seed %llu %s)\n", test->name, (unsigned long long)runner.seed, runner.program,
           (unsigned long long)runner.seed, test->name);
    print_indented(output);
    printf("    %s\n", why);
    return FAILED;
}

static enum outcome run_case(const struct test_case *test) {
    int output = memfd_create(test->name, MFD_CLOEXEC);
    int status = 0;
    *runner.note = (struct note){0};
    fflush(stdout);

    pid_t child = output < 0 ? -1 : fork();
    if (child == 0)
        run_in_child(test, output);
    if (child < 0) {
        printf("not ok %s: no process for it: %s\n", test->name, strerror(errno));
        if (output >= 0)
            close(output);
        return FAILED;
    }
    setpgid(child, child); /* both sides do it, so that it holds for either */
    bool in_time = wait_for(child, &status);
    char *text = read_output(output);
    enum outcome outcome = report(test, in_time, status, text ? text : "(no memory for its output)");
    free(text);
    close(output);
    return outcome;
}

static bool is_wanted(const struct test_case *test, char *const *parts) {
    if (*parts == NULL)
        return true;
    for (; *parts != NULL; parts++)
        if (strstr(test->name, *parts) != NULL)
            return true;
    return false;
}

static int run_wanted(char *const *parts) {
    unsigned counts[3] = {0};
    for (const struct test_case *test = runner.first; test != NULL; test = test->next)
        if (is_wanted(test, parts))
            counts[run_case(test)]++;
    printf("%u passed, %u failed, %u skipped\n", counts[PASSED], counts[FAILED], counts[SKIPPED]);
    if (counts[PASSED] + counts[FAILED] + counts[SKIPPED] == 0) {
        fprintf(stderr, "%s: no such test; --list names them\n", runner.program);
        return 2;
    }
    return counts[FAILED] == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int list_wanted(char *const *parts) {
    for (const struct test_case *test = runner.first; test != NULL; test = test->next)
        if (is_wanted(test, parts))
            puts(test->name);
    return EXIT_SUCCESS;
}

/** A whole number in [min, max]; the program ends when the text is not one. */
static uint64_t parse_number(const char *what, const char *text, uint64_t min, uint64_t max) {
    char *end;
    errno = 0;
    uint64_t number = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < min || number > max) {
        fprintf(stderr, "%s: %s is not a number from %llu to %llu: %s\n", runner.program, what, (unsigned long long)min,
                (unsigned long long)max, text);
        exit(2);
    }
    return number;
}

static void read_settings(void) {
    const char *seed = getenv("WEIR_TEST_SEED"), *limit = getenv("WEIR_TEST_LIMIT");
    uint32_t chance = 1;
    if (getrandom(&chance, sizeof chance, 0) < 0)
        chance = (uint32_t)getpid();
    runner.seed = seed != NULL ? parse_number("WEIR_TEST_SEED", seed, 0, UINT64_MAX) : chance;
    runner.limit_s = limit != NULL ? (int)parse_number("WEIR_TEST_LIMIT", limit, 1, LIMIT_MAX_S) : LIMIT_DEFAULT_S;
    runner.note = mmap(NULL, sizeof *runner.note, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (runner.note == MAP_FAILED) {
        perror(runner.program);
        exit(2);
    }
}

int main(int argc, char **argv) {
    bool list = false;
    int i = 1;
    (void)argc;
    runner.program = argv[0];
    read_settings();
    block_child_signal(SIG_BLOCK);
    for (; argv[i] != NULL && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--list") == 0) {
            list = true;
        } else if (strcmp(argv[i], "--seed") == 0 && argv[i + 1] != NULL) {
            runner.seed = parse_number("--seed", argv[++i], 0, UINT64_MAX);
        } else {
            fprintf(stderr, "usage: %s [--list] [--seed N] [PART OF A NAME]...\n", runner.program);
            return 2;
        }
    }
    return list ? list_wanted(argv + i) : run_wanted(argv + i);
}
