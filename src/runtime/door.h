/* SPDX-License-Identifier: MIT */
/* door.h: the one way from another thread into a loop: leave a message, and the loop delivers it in its next turn. */
#ifndef WEIR_SRC_RUNTIME_DOOR_H
#define WEIR_SRC_RUNTIME_DOOR_H

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

#endif
