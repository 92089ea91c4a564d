/* SPDX-License-Identifier: MIT */
/* Spawning: room in a group, bounds, and spawns that fail in the middle. */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static int nap(void *arg) { return weir_sleep(*(const weir_duration *)arg); }

static weir_duration a_moment = WEIR_MS;

/* ---- A group with running_max ------------------------------------------------------------------------------------ */

/* SEMANTICS 7: only a full group makes the spawn wait, and only then can it be refused. */
TASK_TEST(test_spawn_into_a_cancelled_group_with_room_runs_the_function) {
    weir_group_options options = {.size_bytes = sizeof options, .running_max = 2};
    weir_group group;

    weir_group_open_with(&group, &options);
    weir_group_cancel(&group, "enough");
    CHECK_INT(weir_spawn(&group, nap, &a_moment, NULL), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/* The refusal echoes the group's own cancel: no failure (SEMANTICS 8). */
TASK_TEST(test_spawn_that_a_groups_own_cancel_refused_is_no_failure_of_it) {
    weir_group_options options = {.size_bytes = sizeof options, .running_max = 1};
    weir_duration hour = WEIR_HOUR;
    weir_group group;

    weir_group_open_with(&group, &options);
    CHECK_INT(weir_spawn(&group, nap, &hour, NULL), 0);
    weir_group_cancel(&group, "enough");
    CHECK_INT(weir_spawn(&group, nap, &a_moment, NULL), -ECANCELED);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

struct order {
    weir_group *group;
    char text[64];
    size_t used;
};

struct guest {
    struct order *order;
    char letter;
};

static int enter(void *arg) {
    const struct guest *guest = arg;

    guest->order->text[guest->order->used++] = guest->letter;
    return weir_sleep(WEIR_MS);
}

/* A task of the group's that spawns into it: in line like everybody else. */
static int spawn_guest(void *arg) {
    struct guest *guest = arg;
    return weir_spawn(guest->order->group, enter, guest, NULL);
}

static int spawn_in_turn(void *arg) {
    weir_group_options options = {.size_bytes = sizeof options, .running_max = 1};
    struct order order = {0};
    struct guest guests[8], late = {&order, 'z'};
    weir_group group, spawners;
    weir_task *first;
    (void)arg;

    weir_group_open_with(&group, &options);
    order.group = &group;
    CHECK_INT(weir_spawn(&group, nap, &a_moment, &first), 0);
    weir_group_open(&spawners);
    for (int i = 0; i < 8; i++) {
        guests[i] = (struct guest){&order, (char)('a' + i)};
        weir_spawn(&spawners, spawn_guest, &guests[i], NULL);
        settle(); /* it is in line now */
    }
    CHECK_INT(weir_task_wait(first, NULL), 0);
    CHECK_INT(weir_spawn(&group, enter, &late, NULL), 0); /* the place that has just become free is not for us */
    CHECK_INT(weir_group_close(&spawners, 0), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_STR(order.text, "abcdefghz");
    return 0;
}

TEST(test_spawn_waits_for_room_first_come_first_served) { run_under_seeds(50, spawn_in_turn); }

/* ---- Spawns that fail -------------------------------------------------------------------------------------------- */

/* Let the process map `more_bytes` more than it has now, and nothing beyond: no stack of a gigabyte, say. */
static void limit_memory(size_t more_bytes) {
    if (test_is_under("aarch64"))
        SKIP("qemu does not obey this limit");
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long long pages = 0;

    CHECK(file != NULL && fscanf(file, "%llu", &pages) == 1);
    fclose(file);
    rlim_t bytes = pages * (rlim_t)sysconf(_SC_PAGESIZE) + more_bytes;
    const struct rlimit limit = {bytes, bytes};
    CHECK_INT(setrlimit(RLIMIT_AS, &limit), 0);
    if (mmap(NULL, more_bytes * 2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        SKIP("an emulator does not keep to the limit");
}

enum { HUGE_BYTES = 1 << 30, SPARE_BYTES = 256 << 20 };

static const weir_spawn_options huge = {.size_bytes = sizeof huge, .stack_bytes = HUGE_BYTES};

static int spawn_huge_guest(void *arg) {
    struct guest *guest = arg;
    return weir_spawn_with(guest->order->group, enter, guest, NULL, &huge);
}

/* The place that the failed spawn was given goes to the next in line, who else would wait for the other task's end. */
TASK_TEST(test_spawn_that_fails_passes_its_room_on) {
    weir_group_options options = {.size_bytes = sizeof options, .running_max = 2, .supervising = true};
    struct order order = {0};
    struct guest first = {&order, 'a'}, second = {&order, 'b'};
    weir_failure failure;
    weir_group group, spawners;

    limit_memory(SPARE_BYTES);
    weir_group_open_with(&group, &options);
    order.group = &group;
    CHECK_INT(weir_spawn(&group, nap, &(weir_duration){WEIR_MS}, NULL), 0);
    CHECK_INT(weir_spawn(&group, nap, &(weir_duration){WEIR_MIN}, NULL), 0);
    options.running_max = 0;
    weir_group_open_with(&spawners, &options);
    weir_spawn(&spawners, spawn_huge_guest, &first, NULL);
    settle();
    weir_spawn(&spawners, spawn_guest, &second, NULL);
    CHECK_INT(weir_sleep(10 * WEIR_MS), 0);
    CHECK_STR(order.text, "b");
    CHECK_INT(weir_group_try_failure(&spawners, &failure), 1);
    CHECK_INT(failure.code, -ENOMEM);
    CHECK_INT(weir_group_close(&spawners, 0), 0);
    CHECK_INT(weir_group_close(&group, 0), -ENOMEM);
}

/* SEMANTICS 7: the function never runs, and the close tells, so a program may ignore the return. */
TASK_TEST(test_spawn_without_memory_fails_and_the_close_tells) {
    weir_duration hour = WEIR_HOUR;
    weir_task *task = NULL;
    weir_group group;

    limit_memory(SPARE_BYTES);
    weir_group_open(&group);
    CHECK_INT(weir_spawn(&group, nap, &hour, NULL), 0);
    int rc = weir_spawn_with(&group, nap, &hour, &task, &huge);
    CHECK_INT(rc, -ENOMEM);
    CHECK(task == NULL);
    CHECK_STR(weir_error_text(rc), "spawn: no memory for a stack");
    CHECK_INT(weir_yield(), -ECANCELED);
    CHECK_INT(weir_group_close(&group, 0), -ENOMEM);
    CHECK_STR(weir_error_text(-ENOMEM), "spawn: no memory for a stack");
    CHECK_INT(weir_yield(), 0);
}

TASK_TEST(test_spawn_of_many_until_memory_ends_runs_those_that_there_was_memory_for) {
    weir_group_options options = {.size_bytes = sizeof options, .supervising = true};
    weir_spawn_options large = {.size_bytes = sizeof large, .stack_bytes = 16 << 20};
    weir_failure failure;
    weir_group group;
    int spawned = 0, failed = 0;

    limit_memory(SPARE_BYTES);
    weir_group_open_with(&group, &options);
    for (int i = 0; i < 100; i++) {
        int rc = weir_spawn_with(&group, nap, &a_moment, NULL, &large);
        CHECK(rc == 0 || rc == -ENOMEM);
        spawned += rc == 0;
        failed += rc != 0;
    }
    CHECK(spawned > 0 && failed > 0);
    CHECK_INT(weir_group_wait(&group), 0);
    CHECK_INT(weir_group_try_failure(&group, &failure), 1);
    CHECK_INT(failure.code, -ENOMEM);
    CHECK_INT(failure.untold, failed - 8);
    /* What they had is there for others again. */
    CHECK_INT(weir_spawn_with(&group, nap, &a_moment, NULL, &large), 0);
    CHECK_INT(weir_group_close(&group, 0), -ENOMEM);
}

static int say_nothing(void *arg) {
    (void)arg;
    return 0;
}

/* The first task's stack is the one that cannot be had: nothing is left behind, and the text says what it was. */
TEST(test_spawn_of_the_first_task_without_memory_fails_the_run) {
    limit_memory(SPARE_BYTES);
    for (int real = 0; real < 2; real++) {
        weir_run_options options = {.size_bytes = sizeof options,
                                    .backend = real ? WEIR_BACKEND_AUTO : WEIR_BACKEND_SIM,
                                    .stack_bytes = HUGE_BYTES};
        int rc = weir_run(say_nothing, NULL, &options);
        CHECK_INT(rc, -ENOMEM);
        CHECK_STR(weir_error_text(rc), "spawn: no memory for a stack");
    }
}

static int spawn_one_too_many(void *arg) {
    weir_group group;
    (void)arg;

    weir_group_open(&group);
    CHECK_INT(weir_spawn(&group, say_nothing, NULL, NULL), 0);
    int rc = weir_spawn(&group, say_nothing, NULL, NULL);
    CHECK_INT(rc, -EAGAIN);
    CHECK_STR(weir_error_text(rc), "spawn: tasks_max is reached");
    CHECK_INT(weir_group_close(&group, 0), -EAGAIN);
    /* They have ended: there is room for others. */
    weir_group_open(&group);
    CHECK_INT(weir_spawn(&group, say_nothing, NULL, NULL), 0);
    return weir_group_close(&group, 0);
}

TEST(test_spawn_refused_by_tasks_max_tells_the_caller_why) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .tasks_max = 2};
    CHECK_INT(weir_run(spawn_one_too_many, NULL, &options), 0);
}

/* ---- What is inherited ------------------------------------------------------------------------------------------- */

/* The scopes in which the group was opened, not those that the spawner has opened since. */
TASK_TEST(test_spawn_inherits_the_scopes_of_the_group_and_not_the_spawners) {
    weir_duration second = WEIR_SEC;
    weir_scope outer, inner;
    weir_group group;

    weir_scope_open(&outer, weir_after(WEIR_MIN));
    weir_group_open(&group);
    weir_scope_open(&inner, weir_after(WEIR_MS));
    CHECK_INT(weir_spawn(&group, nap, &second, NULL), 0);
    CHECK_INT(weir_scope_close(&inner, weir_sleep(WEIR_SEC)), -ETIME);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(weir_scope_close(&outer, 0), 0);
}
