/* SPDX-License-Identifier: MIT */
/* task_cases.c: cases that run as the first task of a runtime, and end in each way. */
#include "support/test.h"
#include "weir/weir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int sleep_an_hour(void *arg) {
    (void)arg;
    return weir_sleep(WEIR_HOUR);
}

TASK_TEST(test_task_passes) {
    weir_group sleepers;
    weir_instant start = weir_now();
    weir_group_open(&sleepers);
    for (int i = 0; i < 10; i++)
        CHECK_INT(weir_spawn(&sleepers, sleep_an_hour, NULL, NULL), 0);
    CHECK_INT(weir_group_close(&sleepers, 0), 0);
    CHECK(weir_instant_diff(weir_now(), start) == WEIR_HOUR);
}

static int fail_check(void *arg) {
    (void)arg;
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    CHECK_INT(weir_sleep(WEIR_SEC), 1);
    return 0;
}

/* From a task that is not the first, while others are parked. */
TASK_TEST(test_task_fails_in_child) {
    weir_group children;
    weir_group_open(&children);
    weir_spawn(&children, sleep_an_hour, NULL, NULL);
    weir_spawn(&children, fail_check, NULL, NULL);
    CHECK_INT(weir_group_close(&children, 0), 0);
}

TASK_TEST(test_task_waits_for_ever) {
    weir_event never;
    weir_event_init(&never);
    CHECK_INT(weir_event_wait(&never), -ECANCELED);
    weir_event_done(&never);
}

TASK_TEST(test_task_crashes) { raise(SIGBUS); }

TASK_TEST(test_task_skips) { SKIP("inside a task"); }

TASK_TEST(test_task_leaks) {
    char *volatile lost = malloc(100);
    strcpy(lost, "lost");
    lost = NULL;
}

REAL_TEST(test_real_passes) { CHECK_INT(weir_sleep(WEIR_MS), 0); }

REAL_TEST(test_real_fails) { CHECK_INT(weir_sleep(WEIR_MS), 1); }

static int print_when_run(void *arg) {
    const char *name = arg;
    fputs(name, stdout);
    return 0;
}

/* The order of runnable tasks is the seed's. */
TASK_TEST(test_task_order) {
    static char names[26][2];
    weir_group group;
    weir_group_open(&group);
    for (int i = 0; i < 26; i++) {
        names[i][0] = (char)('a' + i);
        weir_spawn(&group, print_when_run, names[i], NULL);
    }
    CHECK_INT(weir_group_close(&group, 0), 1);
}

TASK_TEST_DIES(test_task_dies_as_told, SIGABRT, "weir_mutex_unlock") {
    weir_mutex mutex;
    weir_mutex_init(&mutex);
    weir_mutex_unlock(&mutex);
}
