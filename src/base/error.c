/* SPDX-License-Identifier: MIT */
/* error.c: names and short sentences of codes. */
#include "weir/base.h"

#include <string.h>

static const struct {
    const char *name, *text;
} own[] = {
    [WEIR_ECLOSED - WEIR_ECLOSED] = {"WEIR_ECLOSED", "closed"},
    [WEIR_EEOF - WEIR_ECLOSED] = {"WEIR_EEOF", "the stream ended early"},
    [WEIR_ELIMIT - WEIR_ECLOSED] = {"WEIR_ELIMIT", "a limit would be passed"},
    [WEIR_EPROTO - WEIR_ECLOSED] = {"WEIR_EPROTO", "the peer broke the protocol"},
    [WEIR_EABANDONED - WEIR_ECLOSED] = {"WEIR_EABANDONED", "whoever was to resolve the future gave up"},
    [WEIR_EINDOUBT - WEIR_ECLOSED] = {"WEIR_EINDOUBT", "whether it was committed is not known"},
};

enum { OWN_COUNT = sizeof own / sizeof own[0] };

/* The code as the positive number of its table; INT_MIN has no positive and no name. */
static int positive(int code) { return code >= 0 ? code : (code == INT32_MIN ? INT32_MAX : -code); }

const char *weir_error_name(int code) {
    int number = positive(code);

    if (number == 0)
        return "OK";
    if (number >= WEIR_ECLOSED && number < WEIR_ECLOSED + OWN_COUNT)
        return own[number - WEIR_ECLOSED].name;
    const char *name = strerrorname_np(number);
    return name != NULL ? name : "E?";
}

const char *weir_strerror(int code) {
    int number = positive(code);

    if (number == 0)
        return "success";
    if (number == ETIME)
        return "the deadline passed";
    if (number == ECANCELED)
        return "cancelled";
    if (number >= WEIR_ECLOSED && number < WEIR_ECLOSED + OWN_COUNT)
        return own[number - WEIR_ECLOSED].text;
    const char *text = strerrordesc_np(number);
    return text != NULL ? text : "unknown error";
}
