/* SPDX-License-Identifier: MIT */
/* Three producers, two slower consumers, and a queue of four between them: it fills, and who is too fast waits.
 *
 * A bound that makes the fast wait is all the flow control there is: nothing piles up, however long this runs. */
#include <weir/weir.h>

#include <stdio.h>

enum { PRODUCERS = 3, CONSUMERS = 2, ORDERS_EACH = 10, QUEUE_MAX = 4 };

struct shop {
    weir_queue orders; /* of int */
    int next_id;
    int sold;
    size_t longest; /* that the queue has been */
};

static int produce(void *arg) {
    struct shop *shop = arg;

    for (int i = 0; i < ORDERS_EACH; i++) {
        int id = shop->next_id++; /* no lock: tasks change places only where they wait */
        int rc = weir_queue_put(&shop->orders, &id);
        if (rc < 0)
            return rc;
        if (weir_queue_length(&shop->orders) > shop->longest)
            shop->longest = weir_queue_length(&shop->orders);
    }
    return 0;
}

static int consume(void *arg) {
    struct shop *shop = arg;
    int id, rc;

    while ((rc = weir_queue_get(&shop->orders, &id)) > 0) {
        printf("order %d\n", id);
        shop->sold++;
        rc = weir_sleep(2 * WEIR_MS); /* packing takes its time */
        if (rc < 0)
            return rc;
    }
    return rc; /* 0: closed, and sold out */
}

/* A group of their own, so that its close tells when the last of them is done. */
static int produce_all(struct shop *shop) {
    weir_group producers;

    weir_group_open(&producers);
    for (int i = 0; i < PRODUCERS; i++)
        weir_spawn(&producers, produce, shop, NULL);
    return weir_group_close(&producers, 0);
}

static int main_task(void *arg) {
    int slots[QUEUE_MAX];
    struct shop shop = {.next_id = 1};
    weir_group consumers;
    (void)arg;

    weir_queue_init(&shop.orders, slots, QUEUE_MAX, sizeof slots[0]);

    weir_group_open(&consumers);
    for (int i = 0; i < CONSUMERS; i++)
        weir_spawn(&consumers, consume, &shop, NULL);
    int rc = produce_all(&shop);
    weir_queue_close(&shop.orders); /* no more will come: the consumers empty the queue and leave */
    rc = weir_group_close(&consumers, rc);

    weir_queue_done(&shop.orders);
    printf("%d made, %d sold, at most %zu in the queue\n", shop.next_id - 1, shop.sold, shop.longest);
    return rc;
}

int main(void) {
    int rc = weir_run(main_task, NULL, NULL);
    if (rc < 0)
        fprintf(stderr, "producers_consumers: %s\n", weir_error_text(rc));
    return rc < 0;
}
