/* SPDX-License-Identifier: MIT */
/* assert.c: the end of a process that misused the library. The one place that prints: there is nobody left to tell. */
#include "base/assert.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void weir__assert_failed(const char *condition, const char *function, const char *file, int line) {
    fprintf(stderr, "weir: %s: assertion failed: %s (%s:%d)\n", function, condition, file, line);
    abort();
}

void weir__misuse(const char *function, const char *format, ...) {
    va_list list;

    va_start(list, format);
    fprintf(stderr, "weir: %s: ", function);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    abort();
}
