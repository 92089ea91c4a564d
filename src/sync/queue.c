/* SPDX-License-Identifier: MIT */
/* queue.c: a bounded ring of items, with a line of those who wait to get and a line of those who wait to put.
 * Invariant: getters wait only while the ring is empty, putters only while it is full, and once closed nobody waits.
 * Both lines hold waiters at once only in a queue without slots, and then only arms of one and the same select.
 * So an item never overtakes another: each goes into the ring behind those before it, or straight to the first getter
 * when there are none; and the place that a get frees goes straight to the first putter. */
#include "weir/queue.h"

#include "base/assert.h"
#include "runtime/owner.h"

#include <string.h>

struct queue {
    struct weir__loop *loop; /* NULL before init and after done */
    size_t item_bytes;
    size_t length, items_max;
    char *head, *tail; /* where the next item is taken, and put */
    char *slots, *slots_end;
    struct weir__line getters, putters;
    bool closed;
};

_Static_assert(sizeof(struct queue) <= sizeof(weir_queue), "a weir_queue holds a queue");

static inline struct queue *of(weir_queue *queue) { return (struct queue *)(void *)queue; }

void weir_queue_init(weir_queue *queue, void *slots, size_t items_max, size_t item_bytes) {
    struct queue *me = of(queue);
    size_t slots_bytes;

    WEIR_ASSERT(item_bytes > 0);
    WEIR_ASSERT(slots != NULL || items_max == 0);
    if (__builtin_mul_overflow(items_max, item_bytes, &slots_bytes))
        WEIR_MISUSE("%zu items of %zu bytes are more than memory has", items_max, item_bytes);

    *me = (struct queue){.loop = weir__loop_current(__func__), .item_bytes = item_bytes, .items_max = items_max};
    if (items_max > 0) {
        me->slots = me->head = me->tail = slots;
        me->slots_end = me->slots + slots_bytes;
    }
    weir__line_init(&me->getters);
    weir__line_init(&me->putters);
}

void weir_queue_done(weir_queue *queue) {
    if (queue == NULL || of(queue)->loop == NULL)
        return;
    weir__owner_check(of(queue)->loop, __func__);
    weir__line_check_empty(&of(queue)->getters, __func__);
    weir__line_check_empty(&of(queue)->putters, __func__);
    *of(queue) = (struct queue){0};
}

/* ---- Items moving ------------------------------------------------------------------------------------------------ */

/** The usual sizes (a number, a pointer, a pair) without a call. */
static inline void copy_item(void *to, const void *from, size_t bytes) {
    switch (bytes) {
    case 4:
        memcpy(to, from, 4);
        break;
    case 8:
        memcpy(to, from, 8);
        break;
    case 16:
        memcpy(to, from, 16);
        break;
    default:
        memcpy(to, from, bytes);
    }
}

static inline void push(struct queue *me, const void *item) {
    copy_item(me->tail, item, me->item_bytes);
    me->tail += me->item_bytes;
    if (me->tail == me->slots_end)
        me->tail = me->slots;
    me->length++;
}

static inline void pop(struct queue *me, void *ret_item) {
    copy_item(ret_item, me->head, me->item_bytes);
    me->head += me->item_bytes;
    if (me->head == me->slots_end)
        me->head = me->slots;
    me->length--;
}

/** @return 0 put; -WEIR_ECLOSED; -EAGAIN full */
static inline int put_now(struct queue *me, const void *item) {
    struct weir__waiter *getter = weir__line_first(&me->getters);

    if (getter != NULL) { /* so it is open, and empty */
        copy_item(getter->item, item, me->item_bytes);
        weir__waiter_wake(getter, 1);
        return 0;
    }
    if (me->closed)
        return -WEIR_ECLOSED;
    if (me->length == me->items_max)
        return -EAGAIN;
    push(me, item);
    return 0;
}

/** @return 1 taken; 0 closed and empty; -EAGAIN empty */
static inline int get_now(struct queue *me, void *ret_item) {
    struct weir__waiter *putter = weir__line_first(&me->putters);

    if (me->length > 0) {
        pop(me, ret_item);
        if (putter != NULL)
            push(me, putter->item);
    } else if (putter != NULL) {
        copy_item(ret_item, putter->item, me->item_bytes);
    } else {
        return me->closed ? 0 : -EAGAIN;
    }
    if (putter != NULL)
        weir__waiter_wake(putter, 0);
    return 1;
}

static int wait_in(struct weir__line *line, void *item, enum weir__wait wait, struct queue *me, const void *site) {
    struct weir__waiter waiter;

    waiter.item = item;
    int rc = weir__line_wait(line, &waiter, wait, me, site);
    return rc < 0 ? rc : waiter.result;
}

/* ---- The calls --------------------------------------------------------------------------------------------------- */

int weir_queue_put(weir_queue *queue, const void *item) {
    struct queue *me = of(queue);

    weir__owner_check(me->loop, __func__);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    rc = put_now(me, item);
    if (rc != -EAGAIN)
        return rc;
    return wait_in(&me->putters, (void *)item, WEIR__WAIT_QUEUE_PUT, me, WEIR__SITE);
}

int weir_queue_try_put(weir_queue *queue, const void *item) {
    weir__owner_check(of(queue)->loop, __func__);
    return put_now(of(queue), item);
}

int weir_queue_get(weir_queue *queue, void *ret_item) {
    struct queue *me = of(queue);

    weir__owner_check(me->loop, __func__);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    rc = get_now(me, ret_item);
    if (rc != -EAGAIN)
        return rc;
    return wait_in(&me->getters, ret_item, WEIR__WAIT_QUEUE_GET, me, WEIR__SITE);
}

int weir_queue_try_get(weir_queue *queue, void *ret_item) {
    weir__owner_check(of(queue)->loop, __func__);
    return get_now(of(queue), ret_item);
}

void weir_queue_close(weir_queue *queue) {
    struct queue *me = of(queue);

    weir__owner_check(me->loop, __func__);
    me->closed = true;
    weir__line_wake_all(&me->getters, 0); /* they waited because it is empty */
    weir__line_wake_all(&me->putters, -WEIR_ECLOSED);
}

size_t weir_queue_length(const weir_queue *queue) {
    const struct queue *me = (const struct queue *)(const void *)queue;

    weir__owner_check(me->loop, __func__);
    return me->length;
}

/* ---- Select ------------------------------------------------------------------------------------------------------ */

static bool case_get_try(weir_case *arm) {
    int rc = get_now(arm->object, arm->item);

    if (rc != -EAGAIN)
        arm->result = rc;
    return rc != -EAGAIN;
}

static bool case_put_try(weir_case *arm) {
    int rc = put_now(arm->object, arm->item);

    if (rc != -EAGAIN)
        arm->result = rc;
    return rc != -EAGAIN;
}

static int case_get_enlist(weir_case *arm, struct weir__waiter *waiter) {
    struct queue *me = arm->object;

    waiter->item = arm->item;
    weir__list_append(&me->getters.head, &waiter->link);
    return 0;
}

static int case_put_enlist(weir_case *arm, struct weir__waiter *waiter) {
    struct queue *me = arm->object;

    waiter->item = arm->item;
    weir__list_append(&me->putters.head, &waiter->link);
    return 0;
}

static const struct weir_case_ops get_ops = {.try_now = case_get_try, .enlist = case_get_enlist};
static const struct weir_case_ops put_ops = {.try_now = case_put_try, .enlist = case_put_enlist};

weir_case weir_case_get(weir_queue *queue, void *ret_item) {
    weir__owner_check(of(queue)->loop, __func__);
    return (weir_case){.ops = &get_ops, .object = queue, .item = ret_item};
}

weir_case weir_case_put(weir_queue *queue, const void *item) {
    weir__owner_check(of(queue)->loop, __func__);
    return (weir_case){.ops = &put_ops, .object = queue, .item = (void *)item};
}
