/* SPDX-License-Identifier: MIT */
/* A deadline around a tree of tasks: it reaches every leaf, and each cleans up before its parent goes on.
 *
 * Nobody passes a timeout down, and nobody keeps a list of what to stop. The scope knows its tasks, and its close comes
 * after the last of them has ended. */
#include <weir/weir.h>

#include <stdio.h>

struct node {
    int depth;     /* of the tree below; 0: a leaf */
    int *goodbyes; /* how many leaves have cleaned up */
};

/* Inside a cancelled scope every wait refuses. Clean-up that must wait shields itself, for a time that it names. */
static int say_goodbye(const struct node *leaf) {
    weir_scope shield;

    weir_scope_open_shield(&shield, weir_after(WEIR_SEC));
    int rc = weir_sleep(10 * WEIR_MS); /* stands for a last message to a server */
    if (rc == 0)
        ++*leaf->goodbyes;
    return weir_scope_close(&shield, rc);
}

static int grow(void *arg) {
    const struct node *me = arg;
    struct node child = {me->depth - 1, me->goodbyes};
    weir_group children;

    if (me->depth == 0) {
        int rc = weir_sleep(WEIR_HOUR); /* work that takes too long */
        int bye = say_goodbye(me);
        return rc < 0 ? rc : bye;
    }

    weir_group_open(&children);
    weir_spawn(&children, grow, &child, NULL); /* both may share `child`: they only read it, and the close */
    weir_spawn(&children, grow, &child, NULL); /* keeps this frame alive for them */
    return weir_group_close(&children, 0);
}

static int main_task(void *arg) {
    int goodbyes = 0;
    struct node root = {3, &goodbyes};
    weir_scope scope;
    (void)arg;

    weir_scope_open(&scope, weir_after(100 * WEIR_MS));
    int rc = grow(&root);
    rc = weir_scope_close(&scope, rc);

    printf("%s: %s\n", weir_error_name(rc), weir_error_text(rc));
    printf("%d of 8 leaves said goodbye\n", goodbyes);
    return rc == -ETIME ? 0 : rc; /* that it times out is what this program shows */
}

int main(void) {
    int rc = weir_run(main_task, NULL, NULL);
    if (rc < 0)
        fprintf(stderr, "timeout: %s\n", weir_error_text(rc));
    return rc < 0;
}
