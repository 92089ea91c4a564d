/* SPDX-License-Identifier: MIT */
/* test_queue.c: order, bounds, hand-offs, closing, and what a cancel leaves behind. */
#include "weir/queue.h"

#include "support/tasks.h"
#include "weir/scope.h"

#include <pthread.h>
#include <string.h>

/* One call in a task of its own: what it did, and what came of it. */
struct call {
    weir_queue *queue;
    int item;
    int rc;     /* of the call */
    int next;   /* of a wait after it: whether a cancel is seen then */
    int *count; /* of calls begun; `place` is ours */
    int place;
    bool done;
};

static int get_one(void *arg) {
    struct call *me = arg;

    if (me->count != NULL)
        me->place = (*me->count)++;
    me->rc = weir_queue_get(me->queue, &me->item);
    me->next = weir_scope_check();
    me->done = true;
    return 0;
}

static int put_one(void *arg) {
    struct call *me = arg;

    if (me->count != NULL)
        me->item = me->place = (*me->count)++;
    me->rc = weir_queue_put(me->queue, &me->item);
    me->next = weir_scope_check();
    me->done = true;
    return 0;
}

static void check_round_trips(size_t item_bytes) {
    unsigned char slots[3 * 40], in[40], out[41];
    weir_queue queue;
    unsigned put = 0, got = 0;

    weir_queue_init(&queue, slots, 3, item_bytes);
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned n = round % 4; n > 0; n--) {
            memset(in, (int)(++put & 0xff), item_bytes);
            CHECK_INT(weir_queue_try_put(&queue, in), 0);
        }
        while (got < put) {
            memset(out, 0xee, sizeof out);
            CHECK_INT(weir_queue_get(&queue, out), 1);
            memset(in, (int)(++got & 0xff), item_bytes);
            CHECK_MEM(out, in, item_bytes);
            CHECK_INT(out[item_bytes], 0xee);
        }
    }
    weir_queue_done(&queue);
}

TASK_TEST(test_queue_copies_items_of_any_size_in_order) {
    for (size_t item_bytes = 1; item_bytes <= 40; item_bytes++)
        check_round_trips(item_bytes);
}

TASK_TEST(test_queue_length_counts_what_is_inside) {
    int slots[2], item = 7;
    weir_queue queue;

    weir_queue_init(&queue, slots, 2, sizeof item);
    CHECK_INT(weir_queue_length(&queue), 0);
    CHECK_INT(weir_queue_put(&queue, &item), 0);
    CHECK_INT(weir_queue_put(&queue, &item), 0);
    CHECK_INT(weir_queue_length(&queue), 2);
    CHECK_INT(weir_queue_get(&queue, &item), 1);
    CHECK_INT(weir_queue_length(&queue), 1);
    weir_queue_done(&queue); /* what is inside is dropped */
}

TASK_TEST(test_queue_try_calls_say_why_not) {
    int slots[1], item = 3, got = 0;
    weir_queue queue;

    weir_queue_init(&queue, slots, 1, sizeof item);
    CHECK_INT(weir_queue_try_get(&queue, &got), -EAGAIN);
    CHECK_INT(weir_queue_try_put(&queue, &item), 0);
    CHECK_INT(weir_queue_try_put(&queue, &item), -EAGAIN);
    weir_queue_close(&queue);
    CHECK_INT(weir_queue_try_put(&queue, &item), -WEIR_ECLOSED);
    CHECK_INT(weir_queue_try_get(&queue, &got), 1);
    CHECK_INT(got, 3);
    CHECK_INT(weir_queue_try_get(&queue, &got), 0);
    weir_queue_done(&queue);
}

static int put_five(void *arg) {
    struct call *me = arg;

    for (me->item = 0; me->item < 5; me->item++) {
        int rc = weir_queue_put(me->queue, &me->item);
        if (rc < 0)
            return rc;
    }
    return 0;
}

TASK_TEST(test_queue_put_waits_while_it_is_full) {
    int slots[2], item;
    weir_queue queue;
    weir_group group;
    struct call putter = {.queue = &queue};

    weir_queue_init(&queue, slots, 2, sizeof item);
    weir_group_open(&group);
    weir_spawn(&group, put_five, &putter, NULL);
    settle();
    CHECK_INT(putter.item, 2); /* two are inside, the third waits */
    CHECK_INT(weir_queue_length(&queue), 2);
    for (int i = 0; i < 5; i++) {
        CHECK_INT(weir_queue_get(&queue, &item), 1);
        CHECK_INT(item, i);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_queue_done(&queue);
}

TASK_TEST(test_queue_moves_the_first_waiting_put_into_the_slot_a_get_frees) {
    enum { PUTTERS = 20 };
    int slots[3], item, begun = 0;
    weir_queue queue;
    weir_group group;
    struct call putters[PUTTERS];

    weir_queue_init(&queue, slots, 3, sizeof item);
    weir_group_open(&group);
    for (int i = 0; i < PUTTERS; i++) {
        putters[i] = (struct call){.queue = &queue, .count = &begun};
        weir_spawn(&group, put_one, &putters[i], NULL);
    }
    settle();
    CHECK_INT(begun, PUTTERS);
    for (int i = 0; i < PUTTERS; i++) {
        CHECK_INT(weir_queue_try_get(&queue, &item), 1);
        CHECK_INT(item, i); /* in the order in which they asked, whoever runs first */
        CHECK_INT(weir_queue_length(&queue), PUTTERS - 1 - i < 3 ? PUTTERS - 1 - i : 3);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < PUTTERS; i++)
        CHECK_INT(putters[i].rc, 0);
    weir_queue_done(&queue);
}

TASK_TEST(test_queue_hands_each_put_to_the_getter_that_waits_longest) {
    enum { GETTERS = 20 };
    int slots[1], begun = 0;
    weir_queue queue;
    weir_group group;
    struct call getters[GETTERS];

    weir_queue_init(&queue, slots, 1, sizeof(int));
    weir_group_open(&group);
    for (int i = 0; i < GETTERS; i++) {
        getters[i] = (struct call){.queue = &queue, .count = &begun};
        weir_spawn(&group, get_one, &getters[i], NULL);
    }
    settle();
    for (int i = 0; i < GETTERS; i++) { /* one slot takes them all: each goes straight on */
        CHECK_INT(weir_queue_try_put(&queue, &i), 0);
        CHECK_INT(weir_queue_length(&queue), 0);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < GETTERS; i++) {
        CHECK_INT(getters[i].rc, 1);
        CHECK_INT(getters[i].item, getters[i].place);
    }
    weir_queue_done(&queue);
}

TASK_TEST(test_queue_without_slots_is_a_meeting) {
    int item = 5, got = 0;
    weir_queue queue;
    weir_group group;
    struct call putter = {.queue = &queue, .item = 1}, getter = {.queue = &queue};

    weir_queue_init(&queue, NULL, 0, sizeof item);
    CHECK_INT(weir_queue_try_put(&queue, &item), -EAGAIN);
    CHECK_INT(weir_queue_try_get(&queue, &got), -EAGAIN);

    weir_group_open(&group);
    weir_spawn(&group, put_one, &putter, NULL);
    settle();
    CHECK(!putter.done); /* nobody has met it */
    CHECK_INT(weir_queue_length(&queue), 0);
    CHECK_INT(weir_queue_get(&queue, &got), 1);
    CHECK_INT(got, 1);

    weir_spawn(&group, get_one, &getter, NULL);
    settle();
    CHECK(putter.done);
    CHECK_INT(weir_queue_put(&queue, &item), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(getter.item, 5);
    weir_queue_done(&queue);
}

TASK_TEST(test_queue_close_ends_waiting_gets) {
    int slots[2];
    weir_queue queue;
    weir_group group;
    struct call getters[3];

    weir_queue_init(&queue, slots, 2, sizeof(int));
    weir_group_open(&group);
    for (int i = 0; i < 3; i++) {
        getters[i] = (struct call){.queue = &queue, .rc = -1};
        weir_spawn(&group, get_one, &getters[i], NULL);
    }
    settle();
    weir_queue_close(&queue);
    weir_queue_close(&queue);
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(getters[i].rc, 0);
    weir_queue_done(&queue);
}

TASK_TEST(test_queue_close_refuses_waiting_puts_and_keeps_what_is_inside) {
    int slots[1] = {0}, item = 42, got = 0;
    weir_queue queue;
    weir_group group;
    struct call putters[2] = {{.queue = &queue, .item = 1}, {.queue = &queue, .item = 2}};

    weir_queue_init(&queue, slots, 1, sizeof item);
    CHECK_INT(weir_queue_put(&queue, &item), 0);
    weir_group_open(&group);
    for (int i = 0; i < 2; i++)
        weir_spawn(&group, put_one, &putters[i], NULL);
    settle();
    weir_queue_close(&queue);
    CHECK_INT(weir_queue_put(&queue, &item), -WEIR_ECLOSED);
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < 2; i++)
        CHECK_INT(putters[i].rc, -WEIR_ECLOSED);
    CHECK_INT(weir_queue_get(&queue, &got), 1);
    CHECK_INT(got, 42);
    CHECK_INT(weir_queue_get(&queue, &got), 0);
    CHECK_INT(weir_queue_get(&queue, &got), 0);
    weir_queue_done(&queue);
}

/* ---- Cancels ----------------------------------------------------------------------------------------------------- */

TASK_TEST(test_queue_refuses_in_a_cancelled_scope_without_effect) {
    int slots[2], item = 9, got = 0;
    weir_queue queue;
    weir_scope scope;

    weir_queue_init(&queue, slots, 2, sizeof item);
    CHECK_INT(weir_queue_put(&queue, &item), 0);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    CHECK_INT(weir_queue_get(&queue, &got), -ECANCELED);
    CHECK_INT(got, 0);
    CHECK_INT(weir_queue_put(&queue, &item), -ECANCELED);
    CHECK_INT(weir_queue_length(&queue), 1);
    CHECK_INT(weir_queue_try_put(&queue, &item), 0); /* what does not wait is no cancel point */
    CHECK_INT(weir_scope_close(&scope, 0), -ECANCELED);
    CHECK_INT(weir_queue_length(&queue), 2);
    weir_queue_done(&queue);
}

TASK_TEST(test_queue_deadline_ends_a_wait_without_effect) {
    int slots[1], item = 1, got = 0;
    weir_queue queue;
    weir_scope scope;

    weir_queue_init(&queue, slots, 1, sizeof item);
    weir_scope_open(&scope, weir_after(WEIR_SEC));
    CHECK_INT(weir_queue_get(&queue, &got), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);

    CHECK_INT(weir_queue_put(&queue, &item), 0);
    item = 2;
    weir_scope_open(&scope, weir_after(WEIR_SEC));
    CHECK_INT(weir_queue_put(&queue, &item), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);

    CHECK_INT(weir_queue_get(&queue, &got), 1);
    CHECK_INT(got, 1);
    CHECK_INT(weir_queue_try_get(&queue, &got), -EAGAIN); /* the second put left nothing behind */
    weir_queue_done(&queue);
}

/* A get that waits; a put and a cancel come before it runs again, in either order. */
static void check_get_race(bool cancel_first) {
    int slots[1], item = 77;
    weir_queue queue;
    weir_group group;
    struct call getter = {.queue = &queue};

    weir_queue_init(&queue, slots, 1, sizeof item);
    weir_group_open(&group);
    weir_task *task = start(&group, get_one, &getter);
    settle();
    if (cancel_first)
        weir_task_cancel(task, "the test");
    CHECK_INT(weir_queue_try_put(&queue, &item), 0);
    if (!cancel_first)
        weir_task_cancel(task, "the test");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(getter.rc, 1); /* an outcome that exists */
    CHECK_INT(getter.item, 77);
    CHECK_INT(getter.next, -ECANCELED);
    CHECK_INT(weir_queue_length(&queue), 0);
    weir_queue_done(&queue);
}

TASK_TEST(test_queue_get_that_was_served_before_its_cancel_returns_the_item) { check_get_race(false); }
TASK_TEST(test_queue_get_that_was_served_after_its_cancel_returns_the_item) { check_get_race(true); }

static void check_put_race(bool cancel_first) {
    int slots[1], item = 1, got = 0;
    weir_queue queue;
    weir_group group;
    struct call putter = {.queue = &queue, .item = 2};

    weir_queue_init(&queue, slots, 1, sizeof item);
    CHECK_INT(weir_queue_put(&queue, &item), 0);
    weir_group_open(&group);
    weir_task *task = start(&group, put_one, &putter);
    settle();
    if (cancel_first)
        weir_task_cancel(task, "the test");
    CHECK_INT(weir_queue_try_get(&queue, &got), 1);
    if (!cancel_first)
        weir_task_cancel(task, "the test");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(putter.rc, 0);
    CHECK_INT(putter.next, -ECANCELED);
    CHECK_INT(weir_queue_try_get(&queue, &got), 1);
    CHECK_INT(got, 2);
    weir_queue_done(&queue);
}

TASK_TEST(test_queue_put_that_was_taken_before_its_cancel_succeeds) { check_put_race(false); }
TASK_TEST(test_queue_put_that_was_taken_after_its_cancel_succeeds) { check_put_race(true); }

TASK_TEST(test_queue_passes_over_a_get_that_was_cancelled) {
    int slots[1], item = 8;
    weir_queue queue;
    weir_group group;
    struct call first = {.queue = &queue}, second = {.queue = &queue};

    weir_queue_init(&queue, slots, 1, sizeof item);
    weir_group_open(&group);
    weir_task *task = start(&group, get_one, &first);
    settle();
    weir_spawn(&group, get_one, &second, NULL);
    settle();
    weir_task_cancel(task, "the test");
    settle();
    CHECK(first.done);
    CHECK_INT(first.rc, -ECANCELED);
    CHECK_INT(weir_queue_put(&queue, &item), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(second.rc, 1);
    CHECK_INT(second.item, 8);
    weir_queue_done(&queue);
}

/* ---- Fairness ---------------------------------------------------------------------------------------------------- */

static int count_turns(void *arg) {
    int *turns = arg, rc;

    while ((rc = weir_yield()) == 0)
        ++*turns;
    return rc;
}

TASK_TEST(test_queue_calls_that_never_wait_let_others_run) {
    int slots[1], item = 0, turns = 0;
    weir_queue queue;
    weir_group group;

    weir_queue_init(&queue, slots, 1, sizeof item);
    weir_group_open(&group);
    weir_spawn(&group, count_turns, &turns, NULL);
    for (int i = 0; i < 1000 * 64; i++) {
        CHECK_INT(weir_queue_put(&queue, &item), 0);
        CHECK_INT(weir_queue_get(&queue, &item), 1);
    }
    CHECK(turns >= 500); /* a thousand times 128 calls; the seed decides who goes on after each */
    weir_group_cancel(&group, "the test");
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_queue_done(&queue);
}

/* ---- Many tasks, many seeds -------------------------------------------------------------------------------------- */

enum { WORKERS = 6, ITEMS = 30 };

struct item {
    int producer, number;
    char padding[4]; /* a size without a special case */
};

struct market {
    weir_queue queue;
    bool put[WORKERS][ITEMS], got[WORKERS][ITEMS]; /* what the calls said */
};

struct worker {
    struct market *market;
    int id;
};

static int produce(void *arg) {
    struct worker *me = arg;
    int rc = 0;

    for (int i = 0; i < ITEMS; i++) {
        struct item item = {.producer = me->id, .number = i};
        rc = weir_queue_put(&me->market->queue, &item);
        if (rc < 0)
            return rc == -WEIR_ECLOSED ? 0 : rc;
        me->market->put[me->id][i] = true;
        if (chance(3) == 0 && (rc = weir_sleep(chance(4))) < 0)
            return rc;
    }
    return 0;
}

static int consume(void *arg) {
    struct worker *me = arg;
    int last[WORKERS];
    struct item item;
    int rc;

    memset(last, -1, sizeof last);
    while ((rc = weir_queue_get(&me->market->queue, &item)) > 0) {
        CHECK(!me->market->got[item.producer][item.number]); /* once */
        CHECK(item.number > last[item.producer]);            /* in order */
        me->market->got[item.producer][item.number] = true;
        last[item.producer] = item.number;
        if (chance(3) == 0 && (rc = weir_sleep(chance(4))) < 0)
            return rc;
    }
    return rc;
}

static int trade(void *arg) {
    struct item slots[5], item;
    struct market market = {0};
    struct worker workers[WORKERS];
    weir_task *tasks[2 * WORKERS];
    weir_group_options supervising = {.size_bytes = sizeof supervising, .supervising = true};
    weir_group group;
    size_t items_max = chance(6);
    (void)arg;

    weir_queue_init(&market.queue, slots, items_max, sizeof item);
    weir_group_open_with(&group, &supervising);
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){&market, i};
        tasks[2 * i] = start(&group, produce, &workers[i]);
        tasks[2 * i + 1] = start(&group, consume, &workers[i]);
    }
    for (int i = 0; i < WORKERS; i++) { /* half of them are cancelled on the way */
        CHECK_INT(weir_sleep(chance(8)), 0);
        weir_task_cancel(tasks[chance(2 * WORKERS)], "the test");
    }
    CHECK_INT(weir_sleep(chance(400)), 0);
    weir_queue_close(&market.queue);
    CHECK_INT(weir_group_wait(&group), 0);
    while (weir_queue_try_get(&market.queue, &item) > 0) {
        CHECK(!market.got[item.producer][item.number]);
        market.got[item.producer][item.number] = true;
    }
    CHECK_MEM(market.got, market.put, sizeof market.put); /* nothing lost, nothing made up */
    weir_group_cancel(&group, "the end");
    int rc = weir_group_close(&group, 0);
    weir_queue_done(&market.queue);
    return rc == -ECANCELED ? 0 : rc;
}

TEST(test_queue_loses_and_doubles_nothing_whoever_is_cancelled) { run_under_seeds(300, trade); }

TASK_TEST(test_queue_serves_a_thousand_waiting_tasks) {
    enum { GETTERS = 1000 };
    static struct call getters[GETTERS];
    int slots[1], begun = 0;
    weir_spawn_options small = {.size_bytes = sizeof small, .stack_bytes = 64 << 10};
    weir_queue queue;
    weir_group group;

    weir_queue_init(&queue, slots, 1, sizeof(int));
    weir_group_open(&group);
    for (int i = 0; i < GETTERS; i++) {
        getters[i] = (struct call){.queue = &queue, .count = &begun};
        weir_spawn_with(&group, get_one, &getters[i], NULL, &small);
    }
    settle();
    for (int i = 0; i < GETTERS; i++)
        CHECK_INT(weir_queue_put(&queue, &i), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < GETTERS; i++)
        CHECK_INT(getters[i].item, getters[i].place);
    weir_queue_done(&queue);
}

/* ---- Misuse ------------------------------------------------------------------------------------------------------ */

TASK_TEST(test_queue_done_takes_what_was_never_begun) {
    weir_queue zeroed = {{0}}, twice;

    weir_queue_done(NULL);
    weir_queue_done(&zeroed);
    weir_queue_init(&twice, NULL, 0, 1);
    weir_queue_done(&twice);
    weir_queue_done(&twice);
}

TASK_TEST_DIES(test_queue_done_with_a_waiting_task_is_misuse, SIGABRT, "weir_queue_done: 1 still waiting") {
    weir_queue queue;
    weir_group group;
    struct call getter = {.queue = &queue};

    weir_queue_init(&queue, NULL, 0, sizeof(int));
    weir_group_open(&group);
    weir_spawn(&group, get_one, &getter, NULL);
    settle();
    weir_queue_done(&queue);
}

TASK_TEST_DIES(test_queue_of_empty_items_is_misuse, SIGABRT, "weir_queue_init") {
    weir_queue queue;
    weir_queue_init(&queue, NULL, 0, 0);
}

TASK_TEST_DIES(test_queue_bound_without_slots_is_misuse, SIGABRT, "weir_queue_init") {
    weir_queue queue;
    weir_queue_init(&queue, NULL, 1, 1);
}

TASK_TEST_DIES(test_queue_use_after_done_is_misuse, SIGABRT, "weir_queue_put") {
    weir_queue queue;
    int item = 0;

    weir_queue_init(&queue, NULL, 0, sizeof item);
    weir_queue_done(&queue);
    CHECK_INT(weir_queue_put(&queue, &item), 0);
}

TEST_DIES(test_queue_outside_a_task_is_misuse, SIGABRT, "weir_queue_init") {
    weir_queue queue;
    weir_queue_init(&queue, NULL, 0, 1);
}

static int close_queue(void *arg) {
    weir_queue_close(arg);
    return 0;
}

static void *run_another_loop(void *queue) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM};
    CHECK_INT(weir_run(close_queue, queue, &options), 0);
    return NULL;
}

TASK_TEST_DIES(test_queue_of_another_loop_is_misuse, SIGABRT, "weir_queue_close: called on loop") {
    weir_queue queue;
    pthread_t thread;

    weir_queue_init(&queue, NULL, 0, 1);
    CHECK_INT(pthread_create(&thread, NULL, run_another_loop, &queue), 0);
    pthread_join(thread, NULL);
}
