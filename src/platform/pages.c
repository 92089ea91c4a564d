/* SPDX-License-Identifier: MIT */
/* pages.c: pages through the kernel. */
#include "platform/pages.h"

#include <sys/mman.h>

void *weir__pages_take(size_t bytes) {
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        return NULL;
    madvise(pages, bytes,
            MADV_NOHUGEPAGE); /* neighbours would share a huge page, and keep it; refused where none are */
    return pages;
}

void weir__pages_give(void *pages, size_t bytes) {
    if (pages != NULL)
        munmap(pages, bytes);
}
