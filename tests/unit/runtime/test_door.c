/* SPDX-License-Identifier: MIT */
/* test_door.c: messages to a loop arrive, in order, and wake it when it sleeps. */
#include "runtime/door.h"

#include "base/list.h"
#include "platform/thread.h"
#include "support/test.h"

#include <semaphore.h>
#include <stdlib.h>

/** A platform that does nothing but count how often it is woken. */
struct sleeper {
    struct weir__platform platform;
    sem_t wakes;
};

static void wake(struct weir__platform *platform) { sem_post(&((struct sleeper *)(void *)platform)->wakes); }

static struct weir__door *door_of(struct sleeper *sleeper) {
    static const struct weir__platform_ops ops = {.wake = wake};
    struct weir__door *door;

    sleeper->platform.ops = &ops;
    sem_init(&sleeper->wakes, 0, 0);
    door = weir__door_new(&sleeper->platform);
    CHECK(door != NULL);
    return door;
}

static int wakes(struct sleeper *sleeper) {
    int count;
    sem_getvalue(&sleeper->wakes, &count);
    return count;
}

/** What was delivered, in order: the letters, small when the door was closed. */
static char told[64];
static size_t told_count;

struct letter {
    struct weir__message message;
    char letter;
};

static void tell(struct weir__message *message, bool open) {
    char letter = WEIR__CONTAINER(message, struct letter, message)->letter;

    told[told_count++] = open ? letter : (char)(letter - 'A' + 'a');
    told[told_count] = '\0';
}

static struct letter a = {{.deliver = tell}, 'A'}, b = {{.deliver = tell}, 'B'}, c = {{.deliver = tell}, 'C'};

TEST(test_door_delivers_in_order) {
    struct sleeper sleeper;
    struct weir__door *door = door_of(&sleeper);

    CHECK(!weir__door_deliver(door));
    weir__door_post(door, &a.message);
    weir__door_post(door, &b.message);
    CHECK(weir__door_deliver(door));
    CHECK_STR(told, "AB");
    CHECK(!weir__door_deliver(door));
    weir__door_post(door, &c.message);
    weir__door_post(door, &a.message);
    CHECK(weir__door_deliver(door));
    CHECK_STR(told, "ABCA");
    weir__door_close(door);
    weir__door_release(door);
}

TEST(test_door_wakes_only_a_loop_that_sleeps_and_only_once) {
    struct sleeper sleeper;
    struct weir__door *door = door_of(&sleeper);

    weir__door_post(door, &a.message);
    CHECK_INT(wakes(&sleeper), 0);
    weir__door_deliver(door);

    CHECK(weir__door_sleep(door));
    weir__door_post(door, &a.message);
    weir__door_post(door, &b.message);
    CHECK_INT(wakes(&sleeper), 1);
    weir__door_awake(door);
    weir__door_deliver(door);

    CHECK(weir__door_sleep(door));
    weir__door_awake(door);
    weir__door_post(door, &a.message);
    CHECK_INT(wakes(&sleeper), 1);
    weir__door_close(door);
    weir__door_release(door);
}

TEST(test_door_refuses_sleep_while_a_message_lies_there) {
    struct sleeper sleeper;
    struct weir__door *door = door_of(&sleeper);

    weir__door_post(door, &a.message);
    CHECK(!weir__door_sleep(door));
    weir__door_post(door, &b.message);
    CHECK_INT(wakes(&sleeper), 0); /* who was refused is awake */
    weir__door_deliver(door);
    CHECK(weir__door_sleep(door));
    weir__door_close(door);
    weir__door_release(door);
}

TEST(test_door_closed_hands_messages_back) {
    struct sleeper sleeper;
    struct weir__door *door = door_of(&sleeper);

    weir__door_post(door, &a.message);
    weir__door_close(door);
    CHECK_STR(told, "a");
    weir__door_hold(door);
    weir__door_release(door); /* the loop's own hold; the sender's is left */
    weir__door_post(door, &b.message);
    CHECK_STR(told, "ab");
    weir__door_release(door);
}

static struct weir__door *replied_to;

static void reply(struct weir__message *message, bool open) {
    tell(message, open);
    weir__door_post(replied_to, &b.message);
}

TEST(test_door_keeps_what_comes_during_a_delivery_for_the_next) {
    struct sleeper sleeper;
    struct letter asks = {{.deliver = reply}, 'Q'};

    replied_to = door_of(&sleeper);
    weir__door_post(replied_to, &asks.message);
    weir__door_deliver(replied_to);
    CHECK_STR(told, "Q");
    weir__door_deliver(replied_to);
    CHECK_STR(told, "QB");
    weir__door_close(replied_to);
    weir__door_release(replied_to);
}

/* ---- Many senders ------------------------------------------------------------------------------------------------ */

enum { SENDERS = 4 };

struct sender {
    struct weir__thread thread;
    struct weir__door *door;
    unsigned number, received;
};

struct numbered {
    struct weir__message message;
    struct sender *sender;
    unsigned number;
};

static void receive(struct weir__message *message, bool open) {
    struct numbered *numbered = WEIR__CONTAINER(message, struct numbered, message);

    CHECK(open);
    CHECK_INT(numbered->number, numbered->sender->received); /* none lost, none overtaken */
    numbered->sender->received++;
    free(numbered);
}

static void send_all(void *arg) {
    struct sender *sender = arg;

    for (unsigned i = 0; i < sender->number; i++) {
        struct numbered *numbered = malloc(sizeof *numbered);
        CHECK(numbered != NULL);
        *numbered = (struct numbered){{.deliver = receive}, sender, i};
        weir__door_post(sender->door, &numbered->message);
    }
    weir__door_release(sender->door);
}

/* A lost wake-up leaves this asleep for ever; the runner's limit tells. */
static void receive_all(struct sleeper *sleeper, struct weir__door *door, struct sender *senders, unsigned each) {
    for (size_t done = 0; done < SENDERS;) {
        if (!weir__door_deliver(door)) {
            if (weir__door_sleep(door))
                sem_wait(&sleeper->wakes);
            weir__door_awake(door);
        }
        for (done = 0; done < SENDERS && senders[done].received == each; done++)
            ;
    }
}

TEST(test_door_loses_no_message_of_many_threads) {
    struct sleeper sleeper;
    struct weir__door *door = door_of(&sleeper);
    struct sender senders[SENDERS] = {0};
    unsigned each = test_scaled(20000);

    for (size_t i = 0; i < SENDERS; i++) {
        senders[i].door = weir__door_hold(door);
        senders[i].number = each;
        CHECK_INT(weir__thread_start(&senders[i].thread, "sender", send_all, &senders[i]), 0);
    }
    receive_all(&sleeper, door, senders, each);
    for (size_t i = 0; i < SENDERS; i++)
        weir__thread_join(&senders[i].thread);
    weir__door_close(door);
    weir__door_release(door);
}

/* On the loop's thread while the door is open, and on the sender's once it is closed. */
static void count(struct weir__message *message, bool open) {
    struct numbered *numbered = WEIR__CONTAINER(message, struct numbered, message);

    (void)open;
    __atomic_fetch_add(&numbered->sender->received, 1, __ATOMIC_SEQ_CST);
    free(numbered);
}

static void send_until_closed(void *arg) {
    struct sender *sender = arg;

    for (unsigned i = 0; i < sender->number; i++) {
        struct numbered *numbered = malloc(sizeof *numbered);
        CHECK(numbered != NULL);
        *numbered = (struct numbered){{.deliver = count}, sender, i};
        weir__door_post(sender->door, &numbered->message);
    }
    weir__door_release(sender->door);
}

TEST(test_door_closed_under_its_senders_delivers_each_message_once) {
    enum { EACH = 200 };

    for (unsigned round = 0; round < test_scaled(50); round++) {
        struct sleeper sleeper;
        struct weir__door *door = door_of(&sleeper);
        struct sender senders[SENDERS] = {0};

        for (size_t i = 0; i < SENDERS; i++) {
            senders[i].door = weir__door_hold(door);
            senders[i].number = EACH;
            CHECK_INT(weir__thread_start(&senders[i].thread, "sender", send_until_closed, &senders[i]), 0);
        }
        if (weir__door_sleep(door))
            sem_wait(&sleeper.wakes);
        weir__door_awake(door);
        weir__door_deliver(door);
        weir__door_close(door);
        weir__door_release(door);
        sem_destroy(&sleeper.wakes); /* the platform is gone, too */
        for (size_t i = 0; i < SENDERS; i++) {
            weir__thread_join(&senders[i].thread);
            CHECK_INT(senders[i].received, EACH);
        }
    }
}
