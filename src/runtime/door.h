/* SPDX-License-Identifier: MIT */
/* door.h: the one way from another thread into a loop: leave a message, and the loop delivers it in its next turn. */
#ifndef WEIR_SRC_RUNTIME_DOOR_H
#define WEIR_SRC_RUNTIME_DOOR_H

#include "platform/platform.h"

#include <stdbool.h>

/** Embedded in whatever is sent. */
struct weir__message {
    struct weir__message *next;
    /** Called once, on the loop's thread. `open` is false when the loop ended first: then only give memory back. On a
     * loop that has ended already it is called on the sender's thread, with false. */
    void (*deliver)(struct weir__message *message, bool open);
};

struct weir__door;

/** Doors outlive their loop while somebody may still post. Any thread. */
struct weir__door *weir__door_hold(struct weir__door *door);
void weir__door_release(struct weir__door *door);

/** Leave a message. Cannot fail. Any thread, not from a signal handler. */
void weir__door_post(struct weir__door *door, struct weir__message *message);

/* ---- The loop's side --------------------------------------------------------------------------------------------- */

/**
 * @param platform  woken when a message comes while the loop sleeps; borrowed until weir__door_close
 * @return held once; NULL: no memory
 */
struct weir__door *weir__door_new(struct weir__platform *platform);

/** Deliver what lies in the inbox, in the order in which it came; what comes meanwhile is for the next time. Costs a
 * read when there is nothing. @return whether there was something */
bool weir__door_deliver(struct weir__door *door);

/** Before the loop blocks. @return false: a message lies there, so deliver it instead. */
bool weir__door_sleep(struct weir__door *door);

/** After the loop has blocked. */
void weir__door_awake(struct weir__door *door);

/** Take no more; what lies there is delivered with `open` false. The platform is not used any more when this returns.
 * To be released as well. */
void weir__door_close(struct weir__door *door);

#endif
