/* SPDX-License-Identifier: MIT */
/* memory.c: an allocator that fails on request, in place of libc's. */
#include "memory.h"

#include "runtime/detail.h"
#include "support/test.h"

#include <errno.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 1
#endif
#endif

static bool is_counting, has_failed;
static unsigned allocations, fails_at, fails_for; /* from which on, and how many; at 0: none */
static int held;                                  /* blocks got and not given back, while counting */

#ifndef OWN_ALLOCATOR
#pragma GCC visibility push(default) /* libc's own calls shall find them too */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void __libc_free(void *block);

static bool fails(void) {
    if (!is_counting || ++allocations < fails_at || fails_at == 0 || allocations - fails_at >= fails_for)
        return false;
    return has_failed = true;
}

static void *count(void *block) {
    held += is_counting && block != NULL;
    return block;
}

void *malloc(size_t bytes) { return fails() ? NULL : count(__libc_malloc(bytes)); }
void *calloc(size_t n, size_t bytes) { return fails() ? NULL : count(__libc_calloc(n, bytes)); }

void *realloc(void *block, size_t bytes) {
    if (fails())
        return NULL;
    return block == NULL ? count(__libc_realloc(NULL, bytes)) : __libc_realloc(block, bytes);
}

void free(void *block) {
    held -= is_counting && block != NULL;
    __libc_free(block);
}
#pragma GCC visibility pop
#endif

/* Run everything with one allocation failing, or some in a row. @return whether there were so many */
static bool run_failing(weir_task_fn *everything, enum weir_backend backend, unsigned which, unsigned row) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = backend, .seed = test_seed()};

    allocations = 0;
    fails_at = which;
    fails_for = row;
    held = 0;
    has_failed = false;
    is_counting = true;
    int rc = weir_run(everything, NULL, &options);
    const char *text = weir_error_text(rc);
    bool is_ours = rc == -ENOMEM || rc == -ENOBUFS || rc == -EAGAIN;
    bool is_the_peers = rc == -ECONNRESET || rc == -EPIPE || rc == -WEIR_EEOF;
    if (rc < 0 && !is_ours && !is_the_peers)
        test_fail(__FILE__, __LINE__, "allocation %u failing gives %d: %s", which, rc, text);
    if (which == 0)
        CHECK(rc >= 0);
    weir__detail_clear_thread(); /* the text of the failure */
    is_counting = false;
    if (held != 0)
        test_fail(__FILE__, __LINE__, "allocation %u failing leaves %d blocks", which, held);
    return allocations >= which;
}

void memory_fail_each(weir_task_fn *everything, enum weir_backend backend, unsigned least) {
#ifdef OWN_ALLOCATOR
    SKIP("the sanitizer has an allocator of its own");
#endif
    if (test_is_under("valgrind"))
        SKIP("Valgrind has an allocator of its own");
    for (unsigned row = 1; row <= 4; row += 3) {
        unsigned which = 0, failed = 0;
        while (run_failing(everything, backend, which, row)) {
            which++;
            failed += has_failed;
        }
        CHECK(which > least && failed == which - 1);
    }
}
