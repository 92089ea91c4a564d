/* SPDX-License-Identifier: MIT */
/* A call that blocks runs on a thread, while the tasks go on; and one that computes for long is asked to stop.
 *
 * weir_offload returns only when the function has ended, even if the caller is cancelled meanwhile. So the function may
 * work in the caller's frame, and what it has done so far is there. */
#include <weir/weir.h>

#include <stdio.h>
#include <time.h>

/* Has the type of what runs on threads: another than a task's, so that the two are never mistaken for each other. */
static int look_up(void *arg, const weir_stop *stop) {
    int *ret_answer = arg;
    (void)stop; /* a call that blocks cannot look at it */

    nanosleep(&(struct timespec){.tv_nsec = 200 * 1000 * 1000}, NULL); /* stands for a library that blocks */
    *ret_answer = 42;
    return 0;
}

static int search(void *arg, const weir_stop *stop) {
    uint64_t *tried = arg;

    while (*tried < UINT64_C(1) << 62) {
        if (++*tried % 4096 == 0 && weir_stop_asked(stop))
            return -ECANCELED;
    }
    return 0;
}

static int tick(void *arg) {
    int *ticks = arg, rc;

    while ((rc = weir_sleep(10 * WEIR_MS)) == 0)
        ++*ticks;
    return rc;
}

/* A task ticks on while the thread blocks. */
static int beside_a_blocking_call(void) {
    int answer = 0, ticks = 0;
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, tick, &ticks, NULL);
    int rc = weir_offload(NULL, look_up, &answer);
    weir_group_cancel(&group, "the answer is there");
    rc = weir_group_close(&group, rc);

    printf("answer %d; the loop %s\n", answer, ticks > 0 ? "went on" : "stood still");
    return rc;
}

/* A deadline reaches the function as a flag. */
static int stopped_in_time(void) {
    uint64_t tried = 0;
    weir_scope scope;

    weir_scope_open(&scope, weir_after(50 * WEIR_MS));
    int rc = weir_offload(NULL, search, &tried);
    rc = weir_scope_close(&scope, rc);

    printf("%s after %s tries\n", weir_error_name(rc), tried > 0 ? "some" : "no");
    return rc == -ETIME ? 0 : rc;
}

static int main_task(void *arg) {
    (void)arg;
    int rc = beside_a_blocking_call();
    return rc < 0 ? rc : stopped_in_time();
}

int main(void) {
    int rc = weir_run(main_task, NULL, NULL);
    if (rc < 0)
        fprintf(stderr, "offload: %s\n", weir_error_text(rc));
    return rc < 0;
}
