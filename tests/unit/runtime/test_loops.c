/* SPDX-License-Identifier: MIT */
/* Several runs in one process: one after another, and side by side on threads that hand results to each other. */
#include "platform/context.h" /* which sanitizer */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/event.h"
#include "weir/future.h"
#include "weir/group.h"
#include "weir/offload.h"
#include "weir/queue.h"
#include "weir/runtime.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- One after another ------------------------------------------------------------------------------------------- */

static unsigned entries_of(const char *path) {
    DIR *dir = opendir(path);
    unsigned count = 0;

    CHECK(dir != NULL);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static unsigned mappings(void) {
    unsigned count = 0;
    int c;
#ifdef WEIR__TSAN
    return 0; /* it makes, and keeps, many of its own */
#endif
    FILE *file = fopen("/proc/self/maps", "r");
    CHECK(file != NULL);
    while ((c = getc(file)) != EOF)
        count += c == '\n';
    fclose(file);
    return count;
}

static int work_a_little(void *arg, const weir_stop *stop) {
    (void)stop;
    return *(int *)arg;
}

static int nap(void *arg) {
    (void)arg;
    return weir_sleep(WEIR_US);
}

/* Something of everything that a loop makes when it is first needed. */
static int use_everything(void *arg) {
    weir_spawn_options large = {.size_bytes = sizeof large, .stack_bytes = 1 << 20};
    weir_spawn_options small = {.size_bytes = sizeof small, .stack_bytes = 1};
    int one = 1, ends[2];
    weir_future *future;
    weir_group group;
    weir_lane *lane;
    (void)arg;

    weir_group_open(&group);
    for (int i = 0; i < 10; i++) {
        weir_spawn(&group, nap, NULL, NULL);
        weir_spawn_with(&group, nap, NULL, NULL, &small);
        weir_spawn_with(&group, nap, NULL, NULL, &large);
    }
    CHECK_INT(weir_offload(NULL, work_a_little, &one), 1);
    CHECK_INT(weir_lane_new(&lane, "mine", 2, 2), 0); /* left to the run's end */
    CHECK_INT(weir_offload_start(lane, work_a_little, &one, sizeof one, NULL, &future), 0);
    weir_future_free(future);
    CHECK_INT(pipe(ends), 0);
    CHECK_INT(weir_fd_wait(ends[1], WEIR_FD_WRITE), WEIR_FD_WRITE);
    close(ends[0]);
    close(ends[1]);
    return weir_group_close(&group, weir_fail(-EXDEV, "each time"));
}

static void run_again_and_again(enum weir_backend backend) {
    weir_run_options options = {.size_bytes = sizeof options,
                                .backend = backend,
                                .seed = test_seed(),
                                .stop_on_signals = true};
    unsigned descriptors = 0, threads = 0, maps = 0, rounds = test_scaled(300);
    size_t heap = 0;

    for (unsigned round = 0; round < rounds; round++) {
        CHECK_INT(weir_run(use_everything, NULL, &options), -EXDEV);
        if (round == rounds / 10) {
            descriptors = entries_of("/proc/self/fd");
            threads = entries_of("/proc/self/task");
            maps = mappings();
            heap = mallinfo2().uordblks;
        }
    }
    CHECK_INT(entries_of("/proc/self/fd"), descriptors);
    CHECK_INT(entries_of("/proc/self/task"), threads);
    CHECK(mappings() <= maps + 64); /* libc and the sanitizers keep some of their own; one a round would be far more */
    CHECK(mallinfo2().uordblks <= heap + 4096);
}

TEST(test_loops_one_after_another_leave_nothing_behind) { run_again_and_again(WEIR_BACKEND_AUTO); }
TEST(test_loops_one_after_another_leave_nothing_behind_simulated) { run_again_and_again(WEIR_BACKEND_SIM); }

static int run_inside(void *arg) { return weir_run(nap, arg, NULL); }

TASK_TEST_DIES(test_loops_are_not_nested_in_one_thread, SIGABRT, "weir_run: called inside a run") { run_inside(NULL); }

/* ---- Side by side ------------------------------------------------------------------------------------------------ */

enum { ROUNDS = 200 };

/* Two loops that play a ball to each other: each round one resolves a promise that the other made. */
static struct player {
    pthread_t thread;
    enum weir_backend backend;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    weir_promise *inbox; /* a promise of this player's loop, for the other to resolve; NULL: none lies there */
    long sum;
    int rc;
} players[2];

static void leave_promise(struct player *player, weir_promise *promise) {
    pthread_mutex_lock(&player->lock);
    player->inbox = promise;
    pthread_cond_signal(&player->changed);
    pthread_mutex_unlock(&player->lock);
}

/* On a thread of the lane's, since it blocks. */
static int take_promise(void *arg, const weir_stop *stop) {
    struct player *other = *(struct player **)arg;
    weir_promise *promise;
    (void)stop;

    pthread_mutex_lock(&other->lock);
    while ((promise = other->inbox) == NULL)
        pthread_cond_wait(&other->changed, &other->lock);
    other->inbox = NULL;
    pthread_mutex_unlock(&other->lock);
    *(weir_promise **)arg = promise;
    return 0;
}

static int throw_back(void *arg) {
    struct player *other = arg;

    for (int round = 0; round < ROUNDS; round++) {
        void *exchange = other;
        int rc = weir_offload(NULL, take_promise, &exchange);
        if (rc < 0)
            return rc;
        if (round % 10 == 9) {
            weir_fail(-EXDEV, "round %d", round);
            weir_promise_resolve(exchange, -EXDEV, NULL); /* from a task of another loop */
        } else {
            weir_promise_resolve(exchange, round, NULL);
        }
    }
    return 0;
}

static int play(void *arg) {
    struct player *me = arg, *other = &players[me == &players[0]];
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, throw_back, other, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        weir_promise *promise;
        weir_future *future;
        int result;

        CHECK_INT(weir_future_new(&future, &promise, NULL), 0);
        leave_promise(me, promise);
        CHECK_INT(weir_future_wait(future, &result, NULL), 0);
        if (round % 10 == 9) {
            char text[32];
            snprintf(text, sizeof text, "round %d", round);
            CHECK_INT(result, -EXDEV);
            CHECK_STR(weir_error_text(result), text);
        } else {
            CHECK_INT(result, round);
            me->sum += result;
        }
        weir_future_free(future);
    }
    return weir_group_close(&group, 0);
}

static void *run_player(void *arg) {
    struct player *me = arg;
    weir_run_options options = {.size_bytes = sizeof options, .backend = me->backend, .offload_threads_max = 1};

    me->rc = weir_run(play, me, &options);
    return NULL;
}

TEST(test_loops_of_two_threads_resolve_each_others_futures) {
    for (int i = 0; i < 2; i++) {
        players[i].backend = WEIR_BACKEND_AUTO;
        pthread_mutex_init(&players[i].lock, NULL);
        pthread_cond_init(&players[i].changed, NULL);
    }
    for (int i = 0; i < 2; i++)
        CHECK_INT(pthread_create(&players[i].thread, NULL, run_player, &players[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(players[i].thread, NULL);
        CHECK_INT(players[i].rc, 0);
    }
    CHECK(players[0].sum == players[1].sum && players[0].sum > 0);
}

/* Many loops start and end while others run: what they share of the process (signals, the handler of faults, SIGPIPE)
 * is given back by the last, and only then. */
static void *run_often(void *arg) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = *(enum weir_backend *)arg};

    for (unsigned i = 0; i < test_scaled(100); i++)
        CHECK_INT(weir_run(use_everything, NULL, &options), -EXDEV);
    return NULL;
}

TEST(test_loops_start_and_end_beside_each_other) {
    enum weir_backend backends[] = {WEIR_BACKEND_AUTO, WEIR_BACKEND_SIM, WEIR_BACKEND_AUTO, WEIR_BACKEND_SIM};
    pthread_t threads[4];
    struct sigaction before[2], after[2];

    sigaction(SIGPIPE, NULL, &before[0]);
    sigaction(SIGSEGV, NULL, &before[1]);
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, run_often, &backends[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    sigaction(SIGPIPE, NULL, &after[0]);
    sigaction(SIGSEGV, NULL, &after[1]);
    CHECK(before[0].sa_handler == after[0].sa_handler);
    CHECK(before[1].sa_handler == after[1].sa_handler);
}

/* The promise outlives its loop: resolving it then reaches nobody, and gives everything back. */
static weir_promise *left;

static int leave_a_promise(void *arg) {
    weir_future *future;
    (void)arg;

    CHECK_INT(weir_future_new(&future, &left, free), 0);
    weir_future_free(future);
    return 0;
}

static int resolve_the_left_one(void *arg) {
    (void)arg;
    weir_promise_resolve(left, 0, malloc(1));
    return 0;
}

TEST(test_loops_end_under_promises_that_a_later_loop_resolves) {
    for (int i = 0; i < 3; i++) {
        CHECK_INT(weir_run(leave_a_promise, NULL, NULL), 0);
        CHECK_INT(weir_run(resolve_the_left_one, NULL, NULL), 0);
    }
}

/* ---- Objects of another loop ------------------------------------------------------------------------------------- */

static struct {
    weir_queue queue;
    weir_event event;
    weir_group group;
    weir_scope scope;
} foreign;

static int touch_event(void *arg) {
    (void)arg;
    weir_event_set(&foreign.event);
    return 0;
}

static int touch_scope(void *arg) {
    (void)arg;
    weir_scope_cancel(&foreign.scope, NULL);
    return 0;
}

static int touch_group(void *arg) { return weir_spawn(&foreign.group, nap, arg, NULL); }

static void *run_on_thread(void *arg) {
    union {
        void *pointer;
        weir_task_fn *fn;
    } task = {.pointer = arg};
    weir_run(task.fn, NULL, NULL);
    return NULL;
}

static void touch_from_another_loop(weir_task_fn *fn) {
    union {
        void *pointer;
        weir_task_fn *fn;
    } task = {.fn = fn};
    pthread_t thread;

    weir_event_init(&foreign.event);
    weir_scope_open(&foreign.scope, weir_never());
    weir_group_open(&foreign.group);
    CHECK_INT(pthread_create(&thread, NULL, run_on_thread, task.pointer), 0);
    pthread_join(thread, NULL);
}

TASK_TEST_DIES(test_loops_event_of_another_aborts, SIGABRT, "weir_event_set: called on loop ") {
    touch_from_another_loop(touch_event);
}

TASK_TEST_DIES(test_loops_scope_of_another_aborts, SIGABRT, "weir_scope_cancel: called on loop ") {
    touch_from_another_loop(touch_scope);
}

TASK_TEST_DIES(test_loops_group_of_another_aborts, SIGABRT, "weir_spawn: the group is not open on this loop") {
    touch_from_another_loop(touch_group);
}

/* ---- What cannot start --------------------------------------------------------------------------------------------
 */

static void allow_descriptors(rlim_t count) {
    struct rlimit limit;

    CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = count;
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

TEST(test_loops_without_a_descriptor_do_not_start_and_leave_nothing) {
    for (rlim_t room = 3; room < 5; room++) { /* a loop has two descriptors */
        allow_descriptors(room);
        CHECK_INT(weir_run(nap, NULL, NULL), -EMFILE);
    }
    allow_descriptors(64);
    CHECK_INT(weir_run(nap, NULL, NULL), 0);
}

/* ---- What cannot go on --------------------------------------------------------------------------------------------
 */

static rlim_t address_space(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long long pages = 0;

    CHECK(file != NULL && fscanf(file, "%llu", &pages) == 1);
    fclose(file);
    return pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* No thread can be started: a thread's stack is more than is left. Softly, so that it can be lifted again. */
static void allow_threads(bool yes) {
    const struct rlimit limit = {yes ? RLIM_INFINITY : address_space() + (512 << 10), RLIM_INFINITY};
    CHECK_INT(setrlimit(RLIMIT_AS, &limit), 0);
    if (!yes && mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        SKIP("an emulator does not keep to the limit");
}

static int offload_one(void *arg) {
    weir_lane **lane = arg;
    int one = 1;
    return weir_offload(*lane, work_a_little, &one) == 1 ? 0 : -EPROTO;
}

REAL_TEST(test_loops_without_threads_refuse_to_offload_and_go_on) {
    int one = 1;
    weir_future *future;
    weir_group group;
    weir_lane *lane;

    allow_threads(false);
    CHECK_INT(weir_lane_new(&lane, "none", 1, 1), -EAGAIN);
    CHECK_INT(weir_offload(NULL, work_a_little, &one), -EAGAIN);
    CHECK_INT(weir_offload_start(NULL, work_a_little, &one, sizeof one, NULL, &future), -EAGAIN);
    allow_threads(true);
    CHECK_INT(weir_lane_new(&lane, "four", 4, 4), 0);
    CHECK_INT(weir_offload(NULL, work_a_little, &one), 1);

    /* One there is; those that cannot be started leave their share to it. */
    weir_group_open(&group);
    for (int i = 0; i < 8; i++)
        weir_spawn(&group, offload_one, &lane, NULL);
    allow_threads(false);
    CHECK_INT(weir_group_close(&group, 0), 0);
    allow_threads(true);
    weir_lane_free(lane);
}
