/* SPDX-License-Identifier: MIT */
/* A slow and a quick operation side by side; each result is used as soon as it is there.
 *
 * weir_wait_next hands out tasks in the order in which they end, whatever the order in which they were started. */
#include <weir/weir.h>

#include <stdio.h>

struct operation {
    const char *name;
    weir_duration takes;
};

/* A task's own result is an int >= 0; what is larger goes into its struct. */
static int operate(void *arg) {
    const struct operation *me = arg;

    int rc = weir_sleep(me->takes);
    return rc < 0 ? rc : (int)(me->takes / WEIR_MS);
}

static int present(weir_task *tasks[2], const struct operation operations[2]) {
    weir_waitable ends[2] = {weir_waitable_task(tasks[0]), weir_waitable_task(tasks[1])};
    size_t which;
    int rc, result;

    while ((rc = weir_wait_next(ends, 2, &which)) > 0) {
        rc = weir_task_wait(tasks[which], &result); /* it has ended: returns at once */
        if (rc < 0)
            return rc;
        printf("%s: worked for %d ms\n", operations[which].name, result);
    }
    return rc; /* 0: all have been seen */
}

static int main_task(void *arg) {
    struct operation operations[2] = {{"slow", 300 * WEIR_MS}, {"quick", 100 * WEIR_MS}};
    weir_task *tasks[2];
    weir_group group;
    weir_instant start = weir_now();
    int rc;
    (void)arg;

    weir_group_open(&group);
    for (int i = 0; i < 2; i++) {
        rc = weir_spawn(&group, operate, &operations[i], &tasks[i]);
        if (rc < 0)
            goto out; /* a handle that we need: so here the return matters */
    }
    rc = present(tasks, operations);
out:
    rc = weir_group_close(&group, rc);
    printf("both: %d ms\n", (int)(weir_instant_diff(weir_now(), start) / WEIR_MS));
    return rc;
}

int main(void) {
    int rc = weir_run(main_task, NULL, NULL);
    if (rc < 0)
        fprintf(stderr, "side_by_side: %s\n", weir_error_text(rc));
    return rc < 0;
}
