/* SPDX-License-Identifier: MIT */
/* Ten thousand tasks sleep at the same time, on one thread.
 *
 * Each has a stack of its own, so it can be written as if it were alone. What a sleeping one costs is the pages that it
 * has touched: a few KiB, not the 64 KiB that are reserved here. */
#include <weir/weir.h>

#include <stdio.h>

enum { TASKS = 10 * 1000 };

struct dormitory {
    int asleep, most, woken;
};

static int sleeper(void *arg) {
    struct dormitory *all = arg;

    if (++all->asleep > all->most)
        all->most = all->asleep;
    int rc = weir_sleep(500 * WEIR_MS);
    all->asleep--;
    if (rc < 0)
        return rc;
    all->woken++;
    return 0;
}

static int main_task(void *arg) {
    /* 64 KiB are enough for code that calls only Weir; the default of 256 KiB is for what calls libraries. */
    weir_spawn_options small = {.size_bytes = sizeof small, .name = "sleeper", .stack_bytes = 64 << 10};
    struct dormitory all = {0};
    weir_instant start = weir_now();
    weir_group group;
    (void)arg;

    weir_group_open(&group);
    for (int i = 0; i < TASKS; i++)
        weir_spawn_with(&group, sleeper, &all, NULL, &small);
    int rc = weir_group_close(&group, 0);

    printf("%d slept at once, %d woke\n", all.most, all.woken);
    printf("it took %d ms\n", (int)(weir_instant_diff(weir_now(), start) / WEIR_MS));
    return rc;
}

int main(void) {
    int rc = weir_run(main_task, NULL, NULL);
    if (rc < 0)
        fprintf(stderr, "ten_thousand: %s\n", weir_error_text(rc));
    return rc < 0;
}
