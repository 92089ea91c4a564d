/* SPDX-License-Identifier: MIT */
/* Memory by whole pages. */
#include "support/test.h"

#include "platform/pages.h"

#include <stdint.h>
#include <string.h>

TEST(test_pages_are_zeroed_and_the_takers_alone) {
    enum { BYTES = 100000 };
    char *pages[3];

    for (int i = 0; i < 3; i++) {
        pages[i] = weir__pages_take(BYTES);
        CHECK(pages[i] != NULL && (uintptr_t)pages[i] % 4096 == 0);
        for (int at = 0; at < BYTES; at++)
            CHECK_INT(pages[i][at], 0);
        memset(pages[i], 'a' + i, BYTES);
    }
    for (int i = 0; i < 3; i++) {
        CHECK(pages[i][0] == 'a' + i && pages[i][BYTES - 1] == 'a' + i);
        weir__pages_give(pages[i], BYTES);
    }
    weir__pages_give(NULL, 0);
}

TEST(test_pages_that_no_memory_holds_are_refused) { CHECK(weir__pages_take(SIZE_MAX / 2) == NULL); }
