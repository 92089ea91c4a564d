/* SPDX-License-Identifier: MIT */
/* check.c: what the checks compare, and how they say what they found. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

/** " (ECANCELED)" after a number that could be an error. */
static const char *error_note(long long value, char *buf, size_t buf_bytes) {
    const char *name = value < 0 && value > -4096 ? strerrorname_np((int)-value) : NULL;
    if (name == NULL)
        return "";
    snprintf(buf, buf_bytes, " (-%s)", name);
    return buf;
}

void test_check_int(const char *file, int line, const char *what, long long actual, long long expected) {
    char is[32], should[32];
    if (actual != expected)
        test_fail(file, line, "%s is %lld%s, expected %lld%s", what, actual, error_note(actual, is, sizeof is),
                  expected, error_note(expected, should, sizeof should));
}

void test_check_str(const char *file, int line, const char *what, const char *actual, const char *expected) {
    if (actual == expected || (actual != NULL && expected != NULL && strcmp(actual, expected) == 0))
        return;
    test_fail(file, line, "%s is\n  %s\nexpected\n  %s", what, actual ? actual : "NULL", expected ? expected : "NULL");
}

void test_check_has(const char *file, int line, const char *what, const char *text, const char *part) {
    if (text == NULL || strstr(text, part) == NULL)
        test_fail(file, line, "%s is\n  %s\nwhich does not contain\n  %s", what, text ? text : "NULL", part);
}

void test_check_mem(const char *file, int line, const char *what, const void *actual, const void *expected,
                    size_t bytes) {
    const unsigned char *is = actual, *should = expected;
    for (size_t i = 0; i < bytes; i++)
        if (is[i] != should[i])
            test_fail(file, line, "%s differs at byte %zu of %zu: 0x%02x, expected 0x%02x", what, i, bytes, is[i],
                      should[i]);
}
