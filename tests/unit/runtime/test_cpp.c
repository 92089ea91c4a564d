/* SPDX-License-Identifier: MIT */
/* Tasks in C++ (SEMANTICS 20): exceptions that stay inside a task work, one that leaves it terminates the program. */
#include "cpp_tasks.h"
#include "support/tasks.h"
#include "support/test.h"

static void run_on_both(weir_task_fn *fn) {
    CHECK_INT(weir_run(fn, NULL, NULL), 0);
    run_under_seeds(20, fn);
}

TEST(test_cpp_exceptions_inside_tasks_are_each_tasks_own) { run_on_both(cpp_throw_and_catch); }
TEST(test_cpp_exception_that_leaves_a_group_ends_its_tasks) { run_on_both(cpp_leave_by_exception); }
TEST(test_cpp_calls_work_with_lambdas_and_objects) { run_on_both(cpp_use_everything); }

TEST_DIES(test_cpp_exception_that_leaves_a_task_terminates, SIGABRT, "that nobody catches") {
    weir_run(cpp_throw_out, NULL, NULL);
}
