/* SPDX-License-Identifier: MIT */
/* Ten tasks count to five, each at a pace of its own.
 *
 * They run on one thread: a task runs until it waits, and while it sleeps the others have their turn. So the lines of
 * the ten come mixed, the sum needs no lock, and the whole takes as long as the slowest. */
#include <weir/weir.h>

#include <stdio.h>

enum { TASKS = 10, LAST = 5 };

/* What a task is given and what it brings home travel in one struct, in the parent's frame. */
struct counter {
    int id;
    int sum; /* the result */
};

static weir_duration random_pause(void) {
    uint8_t ms;

    weir_random(&ms, sizeof ms);
    return ms % 20 * WEIR_MS;
}

static int count(void *arg) {
    struct counter *me = arg;

    for (int i = 1; i <= LAST; i++) {
        int rc = weir_sleep(random_pause());
        if (rc < 0)
            return rc; /* cancelled: say so and leave */
        printf("task %d counts %d\n", me->id, i);
        me->sum += i;
    }
    return 0;
}

static int main_task(void *arg) {
    struct counter counters[TASKS];
    weir_group group;
    int total = 0;
    (void)arg;

    weir_group_open(&group);
    for (int i = 0; i < TASKS; i++) {
        counters[i] = (struct counter){.id = i + 1};
        weir_spawn(&group, count, &counters[i], NULL); /* one that fails is what the close returns */
    }
    int rc = weir_group_close(&group, 0); /* waits for all ten; 0: our own part went well */

    for (int i = 0; i < TASKS; i++)
        total += counters[i].sum;
    printf("together: %d\n", total);
    return rc;
}

int main(void) {
    int rc = weir_run(main_task, NULL, NULL);
    if (rc < 0)
        fprintf(stderr, "count: %s\n", weir_error_text(rc));
    return rc < 0;
}
