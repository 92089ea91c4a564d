/* SPDX-License-Identifier: MIT */
/* context.c: laying out new contexts. The switch itself is in context.h or in context_<machine>.S. */
#include "platform/context.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
enum { SAVED_WORDS = 3, GO_ON_WORD = 0, ARG_WORD = 1, FN_WORD = 2 }; /* rip, rbx, rbp */
#elif defined(__aarch64__)
enum { SAVED_WORDS = 20, GO_ON_WORD = 11, ARG_WORD = 0, FN_WORD = 1 }; /* x19..x28, x29, x30, d8..d15 */
#else
#error "the context switch is written for x86-64 and aarch64"
#endif

void weir__context_make(struct weir__context *context, void *low, void *top, void (*fn)(void *arg), void *arg) {
    uintptr_t *words = top;

    words -= 2; /* two words of nothing above the first frame */
    words[0] = words[1] = 0;
    words -= SAVED_WORDS;
    memset(words, 0, SAVED_WORDS * sizeof words[0]);
    words[GO_ON_WORD] = (uintptr_t)weir__context_entry;
    words[ARG_WORD] = (uintptr_t)arg;
    words[FN_WORD] = (uintptr_t)fn;
    context->sp = words;
    (void)low;
#ifdef WEIR__ASAN
    context->fake_stack = NULL;
    context->low = low;
    context->bytes = (size_t)((char *)top - (char *)low);
    __asan_unpoison_memory_region(low, context->bytes); /* what a former task left marked */
#endif
#ifdef WEIR__TSAN
    context->fiber = __tsan_create_fiber(0);
#endif
}

void weir__context_adopt(struct weir__context *context) {
    memset(context, 0, sizeof *context);
#ifdef WEIR__ASAN
    pthread_attr_t attributes;
    void *low;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        if (pthread_attr_getstack(&attributes, &low, &context->bytes) == 0)
            context->low = low;
        pthread_attr_destroy(&attributes);
    }
#endif
#ifdef WEIR__TSAN
    context->fiber = __tsan_get_current_fiber();
#endif
}

void weir__context_drop(struct weir__context *context) {
    (void)context;
#ifdef WEIR__TSAN
    __tsan_destroy_fiber(context->fiber);
#endif
}
