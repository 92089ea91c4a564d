/* SPDX-License-Identifier: MIT */
/* Random programs of nested tasks, groups, scopes and shields, in which anybody cancels anything that is open, and
 * moves its deadline. Beside each runs a model of what SEMANTICS 3, 4, 7 and 8 say, in a few lines: at every step it
 * must agree with what the runtime answers. And a group's close leaves no task behind, and everything comes to an end.
 */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

/* ---- The model --------------------------------------------------------------------------------------------------- */

/* Something that can be cancelled, in the frame of whoever opened it. */
struct node {
    struct node *parent;
    enum { SCOPE, SHIELD, GROUP, TASK } kind;
    int code; /* of its own end: the first that came */
    int64_t deadline_ns;
    void *object; /* the weir_... */
};

static struct node root = {.deadline_ns = INT64_MAX};

static int own_end(struct node *node) {
    if (node->code == 0 && node->deadline_ns <= weir_now().ns)
        node->code = -ETIME;
    return node->code;
}

static void end_by_cancel(struct node *node) {
    if (own_end(node) == 0)
        node->code = -ECANCELED;
}

/* What a wait at `node` is refused with: the outermost of those that have ended, up to the innermost shield. */
static int verdict(struct node *node) {
    int code = 0;

    for (; node != NULL; node = node->parent) {
        if (own_end(node) != 0)
            code = node->code;
        if (node->kind == SHIELD)
            break;
    }
    return code;
}

/* ---- What is open, for others to cancel -------------------------------------------------------------------------- */

enum { OPEN_MAX = 256, DEPTH_MAX = 6, TASKS_MAX = 500 };

static struct node *open_nodes[OPEN_MAX];
static unsigned open_count, tasks;
static struct { unsigned cancels, interrupts, shielded; } seen; /* that the programs are not idle */

static void node_enter(struct node *node) {
    CHECK(open_count < OPEN_MAX);
    open_nodes[open_count++] = node;
}

static void node_leave(const struct node *node) {
    unsigned i = 0;
    while (open_nodes[i] != node)
        i++;
    open_nodes[i] = open_nodes[--open_count];
}

static void cancel_something(void) {
    struct node *node = open_count > 0 ? open_nodes[chance(open_count)] : NULL;

    if (node == NULL)
        return;
    seen.cancels++;
    if (node->kind == GROUP)
        weir_group_cancel(node->object, "chance");
    else if (node->kind == TASK)
        weir_task_cancel(node->object, NULL);
    else if (chance(2) > 0)
        weir_scope_cancel(node->object, "chance");
    else {
        weir_instant deadline = weir_after(chance(1000));
        weir_scope_set_deadline(node->object, deadline);
        if (own_end(node) == 0)
            node->deadline_ns = deadline.ns;
        return;
    }
    end_by_cancel(node);
}

/* ---- The programs -------------------------------------------------------------------------------------------------
 */

static bool is_interrupt(int rc) { return rc == -ECANCELED || rc == -ETIME; }

static void compare(struct node *here) {
    const struct node *node = here;

    CHECK_INT(weir_scope_check(), verdict(here));
    while (node != NULL && node->kind != SHIELD)
        node = node->parent;
    seen.shielded += node != NULL && verdict(here) == 0 && verdict(node->parent) != 0;
}

static int wait_somehow(struct node *here) {
    int before = verdict(here), rc;

    compare(here);
    bool yields = chance(2) > 0;
    rc = yields ? weir_yield() : weir_sleep(1 + (weir_duration)chance(200));
    compare(here);
    if (before != 0)
        CHECK_INT(rc, before); /* refused on entry */
    else
        CHECK(rc == 0 || rc == verdict(here));
    seen.interrupts += rc < 0;
    return rc;
}

static int act(struct node *here, unsigned depth);

struct job {
    struct node node; /* the task's */
    struct node *group;
    unsigned depth;
    unsigned *running; /* tasks of the same group */
    bool supervised;
};

/* The end of a task: a failure of its group, unless it echoes a cancel that was the group's or its own. */
static int end_job(struct job *job, int rc) {
    bool is_echo = rc == -ECANCELED && (own_end(job->group) != 0 || own_end(&job->node) != 0);

    --*job->running;
    if (rc < 0 && !is_echo && !job->supervised)
        end_by_cancel(job->group);
    return rc;
}

static int run_job(void *arg) {
    struct job *job = arg;
    int rc = act(&job->node, job->depth + 1);

    if (chance(20) == 0)
        rc = weir_fail(-EXDEV, "a task");
    return end_job(job, rc);
}

static int in_group(struct node *here, unsigned depth) {
    weir_group_options options = {.size_bytes = sizeof options, .supervising = chance(3) == 0};
    unsigned running = 0, children = chance(4);
    struct job jobs[4];
    weir_group group;
    struct node node = {.parent = here, .kind = GROUP, .deadline_ns = INT64_MAX, .object = &group};

    weir_group_open_with(&group, &options);
    node_enter(&node);
    for (unsigned i = 0; i < children; i++) {
        weir_task *task;
        if (tasks++ >= TASKS_MAX)
            children = i;
        else {
            running++;
            jobs[i] = (struct job){.node = {&node, TASK, 0, INT64_MAX, NULL}, .group = &node, .depth = depth};
            jobs[i].running = &running;
            jobs[i].supervised = options.supervising;
            CHECK_INT(weir_spawn(&group, run_job, &jobs[i], &task), 0);
            jobs[i].node.object = task;
            node_enter(&jobs[i].node);
        }
    }
    int rc = act(&node, depth + 1);
    if (chance(8) == 0)
        rc = weir_fail(-EXDEV, "by chance");
    for (unsigned i = 0; i < children; i++)
        node_leave(&jobs[i].node);
    node_leave(&node);
    if (rc < 0 && !(rc == -ECANCELED && own_end(&node) != 0))
        end_by_cancel(&node);
    rc = weir_group_close(&group, rc);
    CHECK_INT(running, 0);
    CHECK(rc <= 0);
    return rc;
}

static int in_scope(struct node *here, unsigned depth) {
    weir_instant deadline = chance(2) > 0 ? weir_never() : weir_after(chance(2000));
    bool shields = chance(3) == 0;
    weir_scope scope;

    if (shields) {
        deadline = weir_after(chance(2000));
        weir_scope_open_shield(&scope, deadline);
    } else {
        weir_scope_open(&scope, deadline);
    }
    struct node node = {here, shields ? SHIELD : SCOPE, 0, deadline.ns, &scope};
    node_enter(&node);
    int rc = act(&node, depth);
    node_leave(&node);
    int end = own_end(&node);
    int closed = weir_scope_close(&scope, rc);
    CHECK(closed == rc || (closed == end && (rc >= 0 || rc == end))); /* its own end is all that it adds */
    compare(here);
    /* What was cut in it may be done with; it goes on outside, unless that is cancelled too. */
    return is_interrupt(closed) && verdict(here) == 0 && chance(2) > 0 ? 0 : closed;
}

/* What happens at one place: waits, cancels of anything, and what is nested. */
static int act(struct node *here, unsigned depth) {
    int rc = 0;

    for (unsigned steps = 1 + chance(5); steps > 0 && rc == 0; steps--) {
        rc = wait_somehow(here);
        if (chance(6) == 0) {
            cancel_something();
            compare(here);
        }
        if (depth < DEPTH_MAX && chance(2) > 0 && (rc == 0 || chance(3) == 0)) /* clean-up nests, too */
            rc = chance(3) == 0 ? in_group(here, depth + 1) : in_scope(here, depth + 1);
    }
    return rc;
}

static int run_program(void *arg) {
    (void)arg;
    open_count = 0;
    for (int i = 0; i < 10; i++) {
        tasks = 0;
        (void)!in_group(&root, 0);
        compare(&root);
        CHECK_INT(weir_yield(), 0); /* nothing is left of it */
    }
    CHECK_INT(open_count, 0);
    return 0;
}

TEST(test_structure_of_random_programs_is_as_the_model_says) {
    run_under_seeds(test_scaled(5000), run_program);
    CHECK(seen.cancels > 0 && seen.interrupts > 0);
}
