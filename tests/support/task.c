/* SPDX-License-Identifier: MIT */
/* task.c: a case's body as the first task of a fresh runtime. Apart from test.c, so that a program of plain cases links
 * nothing of the runtime. */
#include "support/test.h"

#include "weir/runtime.h"

struct body {
    void (*call)(void);
};

static int run_body(void *arg) {
    const struct body *body = arg;
    body->call();
    return 0;
}

void test_run_task(void (*call)(void), enum weir_backend backend) {
    struct body body = {call};
    weir_run_options options = {.size_bytes = sizeof options, .backend = backend, .seed = test_seed()};
    int rc = weir_run(run_body, &body, &options);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "weir_run: %s (%s)", weir_error_name(rc), weir_error_text(rc));
}
