/* SPDX-License-Identifier: MIT */
/* context.h: the switch between stacks.
 *
 * Callee-saved registers alone are kept: a switch is a call. Signal masks, floating-point modes and the locale belong to
 * the thread. The sanitizers are told of each switch, since they keep a picture of the stack they run on. */
#ifndef WEIR_SRC_PLATFORM_CONTEXT_H
#define WEIR_SRC_PLATFORM_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#define WEIR__ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEIR__ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define WEIR__TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEIR__TSAN 1
#endif
#endif

#ifdef WEIR__ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef WEIR__TSAN
#include <sanitizer/tsan_interface.h>
#endif

/** A stack that does not run now. */
struct weir__context {
    void *sp; /* where its registers lie */
#ifdef WEIR__ASAN
    void *fake_stack;
    const void *low;
    size_t bytes;
#endif
#ifdef WEIR__TSAN
    void *fiber;
#endif
};

/** Save the callee-saved registers on the running stack, their place in *save, and go on with those at `to`. */
void weir__context_switch_raw(void **save, void *to);

/** First instructions of a new context: calls what weir__context_make was given. */
void weir__context_entry(void);

/**
 * Lay out a context that begins in fn(arg). fn never returns.
 * @param low, top  the stack; top aligned to 16
 */
void weir__context_make(struct weir__context *context, void *low, void *top, void (*fn)(void *arg), void *arg);

/** The thread's own stack as a context, before the first switch away from it. */
void weir__context_adopt(struct weir__context *context);

/** Forget a context that will not run again; from another one. */
void weir__context_drop(struct weir__context *context);

/** Go on with `to`; returns when somebody goes on with `from`. */
static inline void weir__context_switch(struct weir__context *from, struct weir__context *to) {
#ifdef WEIR__ASAN
    __sanitizer_start_switch_fiber(&from->fake_stack, to->low, to->bytes);
#endif
#ifdef WEIR__TSAN
    __tsan_switch_to_fiber(to->fiber, 0);
#endif
    weir__context_switch_raw(&from->sp, to->sp);
#ifdef WEIR__ASAN
    __sanitizer_finish_switch_fiber(from->fake_stack, NULL, NULL);
#endif
}

/** As weir__context_switch, from a context that has come to its end. */
_Noreturn static inline void weir__context_leave(struct weir__context *from, struct weir__context *to) {
#ifdef WEIR__ASAN
    __sanitizer_start_switch_fiber(NULL, to->low, to->bytes);
#endif
#ifdef WEIR__TSAN
    __tsan_switch_to_fiber(to->fiber, 0);
#endif
    weir__context_switch_raw(&from->sp, to->sp);
    __builtin_unreachable();
}

/** To be called first by a new context's function. */
static inline void weir__context_arrive(void) {
#ifdef WEIR__ASAN
    __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
}

#endif
