/* SPDX-License-Identifier: MIT */
/* Two words are looked up at the same time, and gathered into a greeting.
 *
 * The group is what gathers: its close returns when both tasks have ended, so their results, which they wrote into our
 * frame, are there. Had one failed, the other would have been cancelled, and the close would return that failure. */
#include <weir/weir.h>

#include <stdio.h>

struct look_up {
    weir_duration delay;
    const char *answer; /* what the far end is going to say */
    const char *word;   /* the result */
};

static int look_up(void *arg) {
    struct look_up *me = arg;

    int rc = weir_sleep(me->delay); /* stands for a question to a server */
    if (rc < 0)
        return rc;
    printf("found \"%s\"\n", me->answer);
    me->word = me->answer;
    return 0;
}

static int main_task(void *arg) {
    struct look_up first = {.delay = 60 * WEIR_MS, .answer = "hello"};
    struct look_up second = {.delay = 20 * WEIR_MS, .answer = "world"};
    weir_group group;
    (void)arg;

    weir_group_open(&group);
    weir_spawn(&group, look_up, &first, NULL);
    weir_spawn(&group, look_up, &second, NULL);
    int rc = weir_group_close(&group, 0);
    if (rc < 0)
        return rc; /* a word is missing */

    /* "world" was found first; the results stand where they were meant to go all the same. */
    printf("%s, %s\n", first.word, second.word);
    return 0;
}

int main(void) {
    int rc = weir_run(main_task, NULL, NULL);
    if (rc < 0)
        fprintf(stderr, "gather: %s\n", weir_error_text(rc));
    return rc < 0;
}
