/* SPDX-License-Identifier: MIT */
/* The texts behind failures: whose they are, how long they last, what they are chained to. */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/base.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/offload.h"
#include "weir/runtime.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

TEST(test_error_names_and_sentences_exist_for_every_code) {
    CHECK_STR(weir_error_name(0), "OK");
    CHECK_STR(weir_error_name(-ETIME), "ETIME");
    CHECK_STR(weir_error_name(ETIME), "ETIME");
    CHECK_STR(weir_error_name(-WEIR_EINDOUBT), "WEIR_EINDOUBT");
    CHECK_STR(weir_error_name(-WEIR_EINDOUBT - 1), "E?");
    CHECK_STR(weir_error_name(INT32_MIN), "E?");
    CHECK_STR(weir_error_name(INT32_MAX), "E?");
    for (int code = WEIR_ECLOSED; code <= WEIR_EINDOUBT; code++) {
        CHECK_INT(strncmp(weir_error_name(-code), "WEIR_E", 6), 0);
        CHECK(strcmp(weir_strerror(-code), "unknown error") != 0);
    }
    CHECK_STR(weir_strerror(INT32_MIN), "unknown error");
    CHECK_STR(weir_strerror(0), "success");
    CHECK_STR(weir_error_text(5), "Input/output error");
}

/* ---- Chains ------------------------------------------------------------------------------------------------------ */

TASK_TEST(test_error_text_is_chained_while_it_is_fresh) {
    CHECK_INT(weir_fail(-ENOENT, "no file %d", 7), -ENOENT);
    CHECK_INT(weir_fail(-ENOENT, "read config"), -ENOENT);
    CHECK_STR(weir_error_text(-ENOENT), "read config: no file 7");
    CHECK_STR(weir_error_text(-EIO), weir_strerror(-EIO)); /* another code's is no matter */

    /* One that was survived a while ago is not the cause of the next. */
    settle();
    CHECK_INT(weir_fail(-ENOENT, "load cart"), -ENOENT);
    CHECK_STR(weir_error_text(-ENOENT), "load cart");
}

TASK_TEST(test_error_text_may_be_made_of_itself) {
    weir_fail(-EIO, "disk");
    CHECK_INT(weir_fail(-EIO, "<%s>", weir_error_text(-EIO)), -EIO);
    CHECK_STR(weir_error_text(-EIO), "<disk>: disk");
}

TASK_TEST(test_error_text_is_cut_and_never_overruns) {
    char word[600], expected[512];

    memset(word, 'w', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    for (size_t length = 500; length < sizeof word; length++) {
        weir_fail(-EIO, "cause");
        weir_fail(-EIO, "%s", word + sizeof word - 1 - length);
        CHECK(strlen(weir_error_text(-EIO)) <= 511);
        snprintf(expected, sizeof expected, "%s: cause", word + sizeof word - 1 - length);
        if (length <= 511 - 7)
            CHECK_STR(weir_error_text(-EIO), expected);
        settle();
    }
    for (int i = 0; i < 200; i++)
        weir_fail(-EIO, "chain");
    CHECK_INT(strlen(weir_error_text(-EIO)), 511);
}

TASK_TEST(test_error_text_of_one_code_survives_clean_up_that_fails_with_another) {
    weir_fail(-EIO, "the reason");
    settle();
    weir_fail(-EPIPE, "flush");
    weir_fail(-EBADF, "close");
    weir_fail(-ENOENT, "unlink");
    CHECK_STR(weir_error_text(-EIO), "the reason");
}

/* ---- Cancels ----------------------------------------------------------------------------------------------------- */

TASK_TEST(test_error_text_of_a_cancel_does_not_tell_the_cause_of_an_earlier_one) {
    weir_scope scope;

    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the first");
    CHECK_INT(weir_scope_close(&scope, weir_yield()), -ECANCELED);
    CHECK_STR(weir_error_text(-ECANCELED), "cancelled by the first");

    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, NULL);
    int rc = weir_yield();
    CHECK_STR(weir_error_text(rc), "cancelled");
    CHECK_INT(weir_scope_close(&scope, rc), -ECANCELED);
    CHECK_STR(weir_error_text(-ECANCELED), "cancelled");
}

TASK_TEST(test_error_text_of_a_deadline_does_not_tell_of_an_earlier_one) {
    weir_scope scope;

    weir_fail(-ETIME, "a slow disk");
    settle();
    weir_scope_open(&scope, weir_after(WEIR_MS));
    CHECK_INT(weir_scope_close(&scope, weir_sleep(WEIR_SEC)), -ETIME);
    CHECK_STR(weir_error_text(-ETIME), "the deadline passed");
}

TASK_TEST(test_error_text_of_a_cancel_is_chained_like_any_other) {
    weir_scope scope;

    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "SIGINT");
    int rc = weir_yield();
    CHECK_INT(weir_fail(rc, "load cart"), -ECANCELED);
    CHECK_STR(weir_error_text(rc), "load cart: cancelled by SIGINT");
    CHECK_INT(weir_scope_close(&scope, rc), -ECANCELED);
    CHECK_HAS(weir_error_text(rc), "cancelled by SIGINT");
}

TASK_TEST(test_error_text_of_a_cancel_cuts_a_long_cause) {
    weir_scope scope;
    char cause[100], expected[100];

    memset(cause, 'c', sizeof cause - 1);
    cause[sizeof cause - 1] = '\0';
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, cause);
    CHECK_INT(weir_scope_close(&scope, weir_yield()), -ECANCELED);
    snprintf(expected, sizeof expected, "cancelled by %.47s", cause);
    CHECK_STR(weir_error_text(-ECANCELED), expected);
}

static int ask_for_text(void *arg) {
    weir_scope scope;

    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, arg);
    int rc = weir_yield();
    const char *text = weir_error_text(rc);
    settle_in_a_shield(); /* others ask meanwhile */
    CHECK_HAS(text, arg);
    CHECK_INT(weir_scope_close(&scope, rc), -ECANCELED);
    return 0;
}

/* "Valid until the next failing call of this task": whatever other tasks ask for. */
TASK_TEST(test_error_text_of_a_cancel_is_not_overwritten_by_other_tasks) {
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, ask_for_text, "the first", NULL);
    weir_spawn(&group, ask_for_text, "the second", NULL);
    weir_spawn(&group, ask_for_text, "the third", NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST(test_error_text_of_a_group_in_a_cancelled_scope_names_the_cause) {
    weir_scope scope;
    weir_group group;

    weir_scope_open(&scope, weir_never());
    weir_group_open(&group);
    weir_scope_cancel(&scope, "the user");
    int rc = weir_yield();
    CHECK_INT(rc, -ECANCELED);
    rc = weir_group_close(&group, rc);
    CHECK_INT(rc, -ECANCELED);
    CHECK_STR(weir_error_text(rc), "cancelled by the user");
    CHECK_INT(weir_scope_close(&scope, rc), -ECANCELED);
}

/* ---- After the run ----------------------------------------------------------------------------------------------- */

static int stop_and_sleep(void *arg) {
    (void)arg;
    raise(SIGTERM);
    return weir_sleep(WEIR_HOUR);
}

static int stop_and_fail(void *arg) {
    (void)arg;
    raise(SIGTERM);
    int rc = weir_sleep(WEIR_HOUR);
    return weir_fail(rc, "serve");
}

TEST(test_error_text_after_a_run_that_a_signal_cancelled_names_the_signal) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .stop_on_signals = true};

    int rc = weir_run(stop_and_sleep, NULL, &options);
    CHECK_INT(rc, -ECANCELED);
    CHECK_STR(weir_error_text(rc), "cancelled by SIGTERM");
    rc = weir_run(stop_and_fail, NULL, &options);
    CHECK_INT(rc, -ECANCELED);
    CHECK_STR(weir_error_text(rc), "serve: cancelled by SIGTERM");
}

static int do_nothing(void *arg, const weir_stop *stop) {
    (void)arg, (void)stop;
    return weir_fail(-EIO, "a clean-up that failed");
}

static int deadlock_and_tidy_up(void *arg) {
    weir_event never;
    weir_scope shield;
    (void)arg;

    weir_event_init(&never);
    int rc = weir_event_wait(&never);
    weir_scope_open_shield(&shield, weir_after(WEIR_SEC));
    CHECK_INT(weir_offload(NULL, do_nothing, NULL), -EIO);
    CHECK_INT(weir_scope_close(&shield, 0), 0);
    weir_event_done(&never);
    return rc;
}

/* What clean-up ran on this very thread does not overwrite it. */
TEST(test_error_text_of_a_deadlock_survives_the_clean_up) {
    for (int real = 0; real < 2; real++) {
        weir_run_options options = {.size_bytes = sizeof options,
                                    .backend = real ? WEIR_BACKEND_AUTO : WEIR_BACKEND_SIM};
        int rc = weir_run(deadlock_and_tidy_up, NULL, &options);
        CHECK_INT(rc, -EDEADLK);
        CHECK_HAS(weir_error_text(rc), "waits for event");
    }
}

static int fail_with_text(void *arg) {
    (void)arg;
    return weir_fail(-EIO, "of an earlier run");
}

static int fail_without_text(void *arg) {
    (void)arg;
    return -EIO;
}

TEST(test_error_text_of_an_earlier_run_is_gone) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM};

    CHECK_INT(weir_run(fail_with_text, NULL, &options), -EIO);
    CHECK_STR(weir_error_text(-EIO), "of an earlier run");
    CHECK_INT(weir_run(fail_without_text, NULL, &options), -EIO);
    CHECK_STR(weir_error_text(-EIO), weir_strerror(-EIO));
}

/* Two runs cannot both have the signals: said, not only numbered. */
static int run_inside_another(void *arg) {
    (void)arg;
    return 0;
}

static void *run_stoppable(void *arg) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .stop_on_signals = true};
    int rc = weir_run(run_inside_another, NULL, &options);

    CHECK_INT(rc, -EBUSY);
    CHECK_HAS(weir_error_text(rc), "SIGINT");
    return arg;
}

static int start_another(void *arg) {
    pthread_t thread;

    CHECK_INT(pthread_create(&thread, NULL, run_stoppable, arg), 0);
    pthread_join(thread, NULL);
    return 0;
}

TEST(test_error_text_says_that_signals_are_another_runs) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .stop_on_signals = true};
    CHECK_INT(weir_run(start_another, NULL, &options), 0);
}

TASK_TEST(test_error_text_shows_control_characters_of_a_peer) {
    CHECK_INT(weir_fail(-EPROTO, "head \"%s\"", "a\r\nadmin logged in\x1b[2J"), -EPROTO);
    CHECK_STR(weir_error_text(-EPROTO), "head \"a??admin logged in?[2J\"");
}
