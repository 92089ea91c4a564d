/* SPDX-License-Identifier: MIT */
/* method.c: names of methods. */
#include "http/method.h"

#include <string.h>

static const char *const names[] = {
#define EACH(id, name) name,
    WEIR__HTTP_METHODS(EACH)
#undef EACH
};

const char *weir__http_method_name(enum weir__http_method method) {
    return method < WEIR__HTTP_METHODS_COUNT ? names[method] : "";
}

enum weir__http_method weir__http_method_of(const char *name) {
    for (unsigned i = 0; i < WEIR__HTTP_METHODS_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return (enum weir__http_method)i;
    return WEIR__HTTP_NO_METHOD;
}
