/* SPDX-License-Identifier: MIT */
/* door.c: a loop's inbox.
 * Invariant: until the door is closed, every message is seen by the loop's next weir__door_deliver, and no wake-up is
 * lost: a sender stores `first` and then reads `sleeping`, the loop stores `sleeping` and then reads `first`. All four
 * are sequentially consistent, so at least one of the two sees the other. */
#include "runtime/door.h"

#include "base/assert.h"
#include "platform/thread.h"

#include <stdatomic.h>
#include <stdlib.h>

struct weir__door {
    atomic_uint holders;
    atomic_bool sleeping; /* the loop blocks, or is about to */

    struct weir__lock lock;                /* guards what follows */
    _Atomic(struct weir__message *) first; /* the oldest; the loop looks at it without the lock as well */
    struct weir__message *newest;          /* of use while `first` is set */
    struct weir__platform *platform;       /* NULL: closed. Used under the lock alone, so that it may be freed then */
};

struct weir__door *weir__door_new(struct weir__platform *platform) {
    struct weir__door *door = calloc(1, sizeof *door);

    if (door == NULL)
        return NULL;
    atomic_init(&door->holders, 1);
    weir__lock_init(&door->lock);
    door->platform = platform;
    return door;
}

struct weir__door *weir__door_hold(struct weir__door *door) {
    atomic_fetch_add_explicit(&door->holders, 1, memory_order_relaxed);
    return door;
}

void weir__door_release(struct weir__door *door) {
    if (atomic_fetch_sub_explicit(&door->holders, 1, memory_order_acq_rel) > 1)
        return;
    WEIR_ASSERT(atomic_load(&door->first) == NULL);
    weir__lock_done(&door->lock);
    free(door);
}

/** False: the door is closed. */
static bool append(struct weir__door *door, struct weir__message *message) {
    if (door->platform == NULL)
        return false;
    message->next = NULL;
    if (atomic_load(&door->first) == NULL)
        atomic_store(&door->first, message);
    else
        door->newest->next = message;
    door->newest = message;
    /* The first sender who finds the loop asleep wakes it, for all. */
    if (atomic_load(&door->sleeping) && atomic_exchange(&door->sleeping, false))
        door->platform->ops->wake(door->platform);
    return true;
}

void weir__door_post(struct weir__door *door, struct weir__message *message) {
    /* Delivered before we are out of the lock, the message may give back the hold by which its sender knows us. */
    weir__door_hold(door);
    weir__lock_take(&door->lock);
    bool open = append(door, message);
    weir__lock_give(&door->lock);
    if (!open)
        message->deliver(message, false);
    weir__door_release(door);
}

static struct weir__message *take_all(struct weir__door *door) {
    weir__lock_take(&door->lock);
    struct weir__message *first = atomic_exchange(&door->first, NULL);
    weir__lock_give(&door->lock);
    return first;
}

static void deliver_all(struct weir__message *message, bool open) {
    while (message != NULL) {
        struct weir__message *next = message->next; /* a delivery may free its message */
        message->deliver(message, open);
        message = next;
    }
}

bool weir__door_deliver(struct weir__door *door) {
    if (atomic_load_explicit(&door->first, memory_order_relaxed) == NULL)
        return false;
    deliver_all(take_all(door), true);
    return true;
}

bool weir__door_sleep(struct weir__door *door) {
    atomic_store(&door->sleeping, true);
    if (atomic_load(&door->first) == NULL)
        return true;
    atomic_store_explicit(&door->sleeping, false, memory_order_relaxed);
    return false;
}

void weir__door_awake(struct weir__door *door) {
    /* A sender who has just seen it set wakes the loop once for nothing. */
    atomic_store_explicit(&door->sleeping, false, memory_order_relaxed);
}

void weir__door_close(struct weir__door *door) {
    weir__lock_take(&door->lock);
    door->platform = NULL;
    struct weir__message *first = atomic_exchange(&door->first, NULL);
    weir__lock_give(&door->lock);
    deliver_all(first, false);
}
