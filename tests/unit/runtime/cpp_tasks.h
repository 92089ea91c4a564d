/* SPDX-License-Identifier: MIT */
/* cpp_tasks.h: what test_cpp.c calls in cpp_tasks.cc. First tasks of a run, all of them. */
#ifndef WEIR_TESTS_CPP_TASKS_H
#define WEIR_TESTS_CPP_TASKS_H

#ifdef __cplusplus
extern "C" {
#endif

/** Fifty tasks throw from ever deeper recursions and catch, between waits. 0 when each caught its own. */
int cpp_throw_and_catch(void *arg);

/** An exception leaves a group's block: the tasks in it are cancelled and awaited by a destructor. 0 when they were. */
int cpp_leave_by_exception(void *arg);

/** A queue of C++ strings' addresses between lambdas, a scope's deadline, a future: 0 when all arrived. */
int cpp_use_everything(void *arg);

/** A task whose exception nobody catches: the program terminates. */
int cpp_throw_out(void *arg);

#ifdef __cplusplus
}
#endif
#endif
