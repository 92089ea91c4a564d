/* SPDX-License-Identifier: MIT */
/* tasks.c: what a task costs. Prints lines `metric<TAB>number`; figures are ns each unless the name says otherwise.
 *
 *     tasks switch            two tasks that yield to each other; then 1,000 and 100,000
 *     tasks spawn             an empty task spawned and joined, one at a time and in groups of 1,000
 *     tasks queue             a message there and back, unbuffered; and through 128 slots
 *     tasks idle N            N tasks that wait for what never comes
 *     tasks timers N          N tasks that sleep, the i-th for (i mod 1000) ms more than the first deadline */
#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SMALL = 64 << 10 };

static void report(const char *metric, double value) { printf("%s\t%.2f\n", metric, value); }

static double ns_each(weir_instant start, double count) { return (double)weir_instant_diff(weir_now(), start) / count; }

/* A figure of /proc/self/status, in bytes. */
static double status_bytes(const char *field) {
    char line[256];
    double bytes = 0;
    FILE *file = fopen("/proc/self/status", "r");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, field, strlen(field)) == 0)
            bytes = strtod(line + strlen(field), NULL) * 1024;
    }
    if (file != NULL)
        fclose(file);
    return bytes;
}

/* ---- Switch ------------------------------------------------------------------------------------------------------ */

static int yield_often(void *arg) {
    for (long i = *(long *)arg; i > 0; i--) {
        int rc = weir_yield();
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int measure_switch(const char *metric, long tasks, long each) {
    weir_spawn_options small = {.size_bytes = sizeof small, .stack_bytes = SMALL};
    weir_group group;

    weir_group_open(&group);
    for (long i = 0; i < tasks; i++)
        weir_spawn_with(&group, yield_often, &each, NULL, &small);
    int rc = weir_yield(); /* all have begun: their first frames are not measured */
    weir_instant start = weir_now();
    rc = weir_group_close(&group, rc);
    report(metric, ns_each(start, (double)tasks * (double)each));
    return rc;
}

static int run_switch(long n) {
    (void)n;
    int rc = measure_switch("switch", 2, 10000000);
    if (rc == 0)
        rc = measure_switch("switch_1000_tasks", 1000, 20000);
    return rc == 0 ? measure_switch("switch_100000_tasks", 100000, 100) : rc;
}

/* ---- Spawn ------------------------------------------------------------------------------------------------------- */

static int nothing(void *arg) {
    (void)arg;
    return 0;
}

static int spawn_groups(long groups, long each) {
    weir_spawn_options small = {.size_bytes = sizeof small, .stack_bytes = SMALL};
    int rc = 0;

    for (long i = 0; i < groups && rc == 0; i++) {
        weir_group group;
        weir_group_open(&group);
        for (long j = 0; j < each; j++)
            weir_spawn_with(&group, nothing, NULL, NULL, &small);
        rc = weir_group_close(&group, 0);
    }
    return rc;
}

/* One group, and each task waited for by its handle: no group is opened and closed in between. */
static int spawn_and_wait(long count) {
    weir_spawn_options small = {.size_bytes = sizeof small, .stack_bytes = SMALL};
    weir_group group;
    int rc = 0;

    weir_group_open(&group);
    for (long i = 0; i < count && rc == 0; i++) {
        weir_task *task;
        rc = weir_spawn_with(&group, nothing, NULL, &task, &small);
        if (rc == 0) {
            rc = weir_task_wait(task, NULL);
            weir_task_release(task);
        }
    }
    return weir_group_close(&group, rc);
}

static int run_spawn(long n) {
    (void)n;
    weir_instant start = weir_now();
    int rc = spawn_groups(3000000, 1);
    report("spawn_join_one", ns_each(start, 3e6));

    start = weir_now();
    if (rc == 0)
        rc = spawn_and_wait(3000000);
    report("spawn_wait_release", ns_each(start, 3e6));

    if (rc == 0)
        rc = spawn_groups(100, 1000);
    start = weir_now();
    if (rc == 0)
        rc = spawn_groups(2000, 1000);
    report("spawn_join_1000", ns_each(start, 2e6));
    return rc;
}

/* ---- Queue ------------------------------------------------------------------------------------------------------- */

struct pair {
    weir_queue there, back;
    long count;
};

static int echo(void *arg) {
    struct pair *pair = arg;
    uint64_t value;
    int rc = 0;

    for (long i = 0; i < pair->count && rc >= 0; i++) {
        rc = weir_queue_get(&pair->there, &value);
        if (rc > 0)
            rc = weir_queue_put(&pair->back, &value);
    }
    return rc;
}

static int produce(void *arg) {
    struct pair *pair = arg;
    int rc = 0;

    for (uint64_t i = 0; i < (uint64_t)pair->count && rc == 0; i++)
        rc = weir_queue_put(&pair->there, &i);
    return rc;
}

static int run_pingpong(struct pair *pair) {
    weir_group group;
    int rc = 0;

    weir_queue_init(&pair->there, NULL, 0, sizeof(uint64_t));
    weir_queue_init(&pair->back, NULL, 0, sizeof(uint64_t));
    weir_group_open(&group);
    weir_spawn(&group, echo, pair, NULL);
    weir_instant start = weir_now();
    for (uint64_t i = 0; i < (uint64_t)pair->count && rc >= 0; i++) {
        uint64_t value = i;
        rc = weir_queue_put(&pair->there, &value);
        if (rc == 0)
            rc = weir_queue_get(&pair->back, &value);
    }
    report("pingpong", ns_each(start, 2.0 * (double)pair->count));
    return weir_group_close(&group, rc < 0 ? rc : 0);
}

static int run_buffered(struct pair *pair) {
    static uint64_t slots[128];
    weir_group group;
    uint64_t value, sum = 0;
    int rc = 1;

    weir_queue_init(&pair->there, slots, 128, sizeof slots[0]);
    weir_group_open(&group);
    weir_spawn(&group, produce, pair, NULL);
    weir_instant start = weir_now();
    for (long i = 0; i < pair->count && rc > 0; i++) {
        rc = weir_queue_get(&pair->there, &value);
        sum += value;
    }
    report("buffered_128", ns_each(start, (double)pair->count));
    __asm__ volatile("" ::"r"(sum));
    return weir_group_close(&group, rc < 0 ? rc : 0);
}

static int run_queue(long n) {
    struct pair pair = {.count = 5000000};
    (void)n;

    int rc = run_pingpong(&pair);
    pair.count = 20000000;
    return rc == 0 ? run_buffered(&pair) : rc;
}

/* ---- Many -------------------------------------------------------------------------------------------------------- */

static int wait_for_ever(void *arg) { return weir_event_wait(arg); }

static int run_idle(long n) {
    weir_spawn_options small = {.size_bytes = sizeof small, .stack_bytes = SMALL};
    double before = status_bytes("VmRSS:"), tables_before = status_bytes("VmPTE:");
    weir_group group;
    weir_event never;
    long made = 0;

    weir_event_init(&never);
    weir_group_open(&group);
    weir_instant start = weir_now();
    while (made < n && weir_spawn_with(&group, wait_for_ever, &never, NULL, &small) == 0)
        made++;
    int rc = weir_yield(); /* all of them wait now */
    report("start", ns_each(start, (double)made));
    report("tasks", (double)made);
    report("bytes", (status_bytes("VmRSS:") - before) / (double)made);
    report("page_table_bytes", (status_bytes("VmPTE:") - tables_before) / (double)made);
    fflush(stdout);
    start = weir_now();
    weir_group_cancel(&group, NULL);
    rc = weir_group_close(&group, rc);
    report("cancel_and_end", ns_each(start, (double)made));
    weir_event_done(&never);
    return rc;
}

static weir_instant first_deadline;

static int sleep_long(void *arg) {
    return weir_sleep_until(weir_instant_add(first_deadline, (intptr_t)arg % 1000 * WEIR_MS));
}

static int run_timers(long n) {
    weir_spawn_options small = {.size_bytes = sizeof small, .stack_bytes = SMALL};
    double before = status_bytes("VmRSS:");
    weir_duration span = n * 5 * WEIR_US > WEIR_SEC ? n * 5 * WEIR_US : WEIR_SEC;
    weir_instant start = weir_now(), last;
    weir_group group;
    long made = 0;

    first_deadline = weir_instant_add(start, span);
    last = weir_instant_add(first_deadline, (n < 1000 ? n - 1 : 999) * WEIR_MS);
    weir_group_open(&group);
    while (made < n && weir_spawn_with(&group, sleep_long, (void *)(intptr_t)made, NULL, &small) == 0)
        made++;
    int rc = weir_yield();
    report("arm", ns_each(start, (double)made));
    report("tasks", (double)made);
    report("bytes", (status_bytes("VmRSS:") - before) / (double)made);
    rc = weir_group_close(&group, rc);
    report("late_ms", (double)weir_instant_diff(weir_now(), last) / 1e6);
    return rc;
}

/* ------------------------------------------------------------------------------------------------------------------ */

static const struct kind {
    const char *name;
    int (*run)(long n);
} kinds[] = {{"switch", run_switch},
             {"spawn", run_spawn},
             {"queue", run_queue},
             {"idle", run_idle},
             {"timers", run_timers}};

struct choice {
    const struct kind *kind;
    long n;
};

static int main_task(void *arg) {
    const struct choice *choice = arg;
    return choice->kind->run(choice->n);
}

int main(int argc, char **argv) {
    struct choice choice = {.n = argc > 2 ? strtol(argv[2], NULL, 10) : 1000000};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && argc > 1; i++) {
        if (strcmp(argv[1], kinds[i].name) == 0)
            choice.kind = &kinds[i];
    }
    if (choice.kind == NULL) {
        fputs("usage: tasks switch | spawn | queue | idle N | timers N\n", stderr);
        return 2;
    }
    int rc = weir_run(main_task, &choice, NULL);
    if (rc < 0)
        fprintf(stderr, "tasks: %s\n", weir_error_text(rc));
    return rc < 0;
}
