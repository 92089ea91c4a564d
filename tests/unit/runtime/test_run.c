/* SPDX-License-Identifier: MIT */
/* The run: options, results, the virtual clock, fairness, deadlock, stacks. */
#include "support/test.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/random.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <alloca.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static weir_run_options simulated(uint64_t seed) {
    return (weir_run_options){.size_bytes = sizeof(weir_run_options), .backend = WEIR_BACKEND_SIM, .seed = seed};
}

static int answer(void *arg) { return *(int *)arg; }

TEST(test_run_returns_what_the_first_task_returned) {
    int values[] = {0, 42, -EIO};
    for (int i = 0; i < 3; i++) {
        weir_run_options options = simulated(1);
        CHECK_INT(weir_run(answer, &values[i], &options), values[i]);
        CHECK_INT(weir_run(answer, &values[i], NULL), values[i]);
    }
}

static int fail_with_text(void *arg) {
    (void)arg;
    return weir_fail(-ENOENT, "read %s", "config.ini");
}

TEST(test_run_leaves_the_text_of_its_failure_to_the_thread) {
    weir_run_options options = simulated(1);
    int rc = weir_run(fail_with_text, NULL, &options);
    CHECK_STR(weir_error_text(rc), "read config.ini");
}

TEST(test_run_refuses_options_without_their_size) {
    weir_run_options options = {.backend = WEIR_BACKEND_SIM};
    int value = 0;
    int rc = weir_run(answer, &value, &options);
    CHECK_INT(rc, -EINVAL);
    CHECK_HAS(weir_error_text(rc), "size_bytes");
}

TEST(test_run_refuses_a_backend_that_is_not_there) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_URING};
    int value = 0;
    CHECK_INT(weir_run(answer, &value, &options), -ENOSYS);
    options.backend = (enum weir_backend)99;
    CHECK_INT(weir_run(answer, &value, &options), -EINVAL);
}

TASK_TEST(test_run_virtual_clock_jumps_over_a_year) {
    struct timespec before, after;
    weir_instant start = weir_now();
    weir_wall wall = weir_wall_now();

    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK_INT(weir_sleep(365 * 24 * WEIR_HOUR), 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK_INT(weir_instant_diff(weir_now(), start), 365 * 24 * WEIR_HOUR);
    CHECK_INT(weir_wall_now().ns - wall.ns, 365 * 24 * WEIR_HOUR);
}

/* ---- The seeded scheduler ---------------------------------------------------------------------------------------- */

struct trace {
    char text[256];
    size_t used;
};

struct writer {
    struct trace *trace;
    char letter;
};

static int write_letters(void *arg) {
    struct writer *writer = arg;

    for (int i = 0; i < 5; i++) {
        unsigned char byte;
        weir_random(&byte, 1);
        writer->trace->text[writer->trace->used++] = writer->letter;
        int rc = byte % 2 ? weir_yield() : weir_sleep(byte * WEIR_US);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int write_trace(void *arg) {
    struct writer writers[8];
    weir_group group;

    weir_group_open(&group);
    for (int i = 0; i < 8; i++) {
        writers[i] = (struct writer){arg, (char)('a' + i)};
        weir_spawn(&group, write_letters, &writers[i], NULL);
    }
    return weir_group_close(&group, 0);
}

TEST(test_run_same_seed_gives_the_same_order_and_another_seed_another) {
    struct trace first = {{0}, 0}, again = {{0}, 0};
    unsigned different = 0;

    for (uint64_t seed = 0; seed < 20; seed++) {
        struct trace trace = {{0}, 0};
        weir_run_options options = simulated(test_seed() + seed);
        CHECK_INT(weir_run(write_trace, seed == 0 ? &first : &trace, &options), 0);
        different += seed > 0 && strcmp(trace.text, first.text) != 0;
    }
    weir_run_options options = simulated(test_seed());
    CHECK_INT(weir_run(write_trace, &again, &options), 0);
    CHECK_STR(again.text, first.text);
    CHECK(different >= 15);
}

/* ---- Fairness ---------------------------------------------------------------------------------------------------- */

static int set_flag(void *arg) {
    *(bool *)arg = true;
    return 0;
}

TASK_TEST(test_run_calls_that_complete_at_once_yield_in_the_end) {
    weir_event event;
    weir_group group;
    bool ran = false;
    int calls = 0;

    weir_event_init(&event);
    weir_event_set(&event);
    weir_group_open(&group);
    weir_spawn(&group, set_flag, &ran, NULL);
    while (!ran) {
        CHECK_INT(weir_event_wait(&event), 0);
        CHECK(++calls <= 1000);
    }
    CHECK(calls >= 64);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_event_done(&event);
}

static int spin(void *arg) {
    const bool *stop = arg;
    while (!*stop) {
        int rc = weir_yield();
        if (rc < 0)
            return rc;
    }
    return 0;
}

REAL_TEST(test_run_timers_fire_while_tasks_keep_yielding) {
    bool stop = false;
    weir_group group;

    weir_group_open(&group);
    for (int i = 0; i < 3; i++)
        weir_spawn(&group, spin, &stop, NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    stop = true;
    CHECK_INT(weir_group_close(&group, 0), 0);
}

REAL_TEST(test_run_checkpoint_lets_others_run_during_a_long_computation) {
    bool ran = false;
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, set_flag, &ran, NULL);
    while (!ran)
        CHECK_INT(weir_checkpoint(), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/* ---- Deadlock ---------------------------------------------------------------------------------------------------- */

static int wait_for_ever(void *arg) { return weir_event_wait(arg); }

static int deadlock(void *arg) {
    weir_spawn_options named = {.size_bytes = sizeof named, .name = "forgotten"};
    weir_event event;
    weir_group group;
    (void)arg;

    weir_event_init(&event);
    weir_group_open(&group);
    weir_spawn_with(&group, wait_for_ever, &event, NULL, &named);
    int rc = weir_group_close(&group, 0);
    weir_event_done(&event);
    return rc;
}

TEST(test_run_deadlock_is_reported_and_names_the_tasks) {
    for (int real = 0; real < 2; real++) {
        weir_run_options options = simulated(1);
        int rc = weir_run(deadlock, NULL, real ? NULL : &options);
        CHECK_INT(rc, -EDEADLK);
        CHECK_HAS(weir_error_text(rc), "\"forgotten\" waits for event");
    }
}

/* ---- Stacks ------------------------------------------------------------------------------------------------------ */

static int use_stack(void *arg) {
    size_t bytes = *(size_t *)arg;
    volatile char *room = alloca(bytes);

    for (size_t i = 0; i < bytes; i += 4096)
        room[i] = (char)i;
    return weir_yield();
}

TASK_TEST(test_run_stack_sizes_are_what_was_asked_for) {
    static const size_t sizes[] = {16 << 10, 64 << 10, 256 << 10, 1 << 20, 8 << 20};
    weir_group group;

    weir_group_open(&group);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        weir_spawn_options options = {.size_bytes = sizeof options, .stack_bytes = sizes[i]};
        static size_t use[5];
        use[i] = sizes[i] / 4 * 3 - 8192;
        CHECK_INT(weir_spawn_with(&group, use_stack, &use[i], NULL, &options), 0);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
}

static int nap(void *arg) {
    (void)arg;
    return weir_sleep(WEIR_MS);
}

TASK_TEST(test_run_a_hundred_thousand_tasks) {
    unsigned count = test_scaled(100000);
    weir_spawn_options small = {.size_bytes = sizeof small, .stack_bytes = 64 << 10};
    weir_group group;

    for (int round = 0; round < 2; round++) {
        weir_group_open(&group);
        for (unsigned i = 0; i < count; i++)
            CHECK_INT(weir_spawn_with(&group, nap, NULL, NULL, &small), 0);
        CHECK_INT(weir_group_close(&group, 0), 0);
    }
}

TASK_TEST(test_run_now_never_goes_back_and_sleep_never_ends_early) {
    weir_instant last = weir_now();

    for (int i = 0; i < 1000; i++) {
        weir_instant until = weir_after(i * 977 * WEIR_NS);
        CHECK_INT(weir_sleep_until(until), 0);
        CHECK(weir_now().ns >= until.ns && weir_now().ns >= last.ns);
        last = weir_now();
    }
}

TASK_TEST(test_run_sleeping_no_time_is_a_yield) {
    weir_instant start = weir_now();

    CHECK_INT(weir_sleep(0), 0);
    CHECK_INT(weir_sleep(-5), 0);
    CHECK_INT(weir_sleep_until(start), 0);
    CHECK_INT(weir_instant_diff(weir_now(), start), 0);
}

static int interrupt_itself(void *arg) {
    (void)arg;
    raise(SIGINT);
    return weir_sleep(WEIR_HOUR);
}

TEST(test_run_stopped_by_a_signal_says_which) {
    weir_run_options options = simulated(1);
    options.stop_on_signals = true;
    int rc = weir_run(interrupt_itself, NULL, &options);
    CHECK_INT(rc, -ECANCELED);
    CHECK_STR(weir_error_text(rc), "cancelled by SIGINT");
}
