/* SPDX-License-Identifier: MIT */
/* context.h: the switch between stacks.
 *
 * Callee-saved registers alone are kept: a switch is a call. Signal masks, floating-point modes and the locale belong
 * to the thread. The sanitizers are told of each switch, since they keep a picture of the stack they run on. */
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

#if defined(__x86_64__)
/* Inlined, and without a call: the compiler saves what is live here and no more, and the predictor of returns stays in
 * step, which it does not when a call is left by a jump. rbx and rbp are saved by hand, since not every compiler lets
 * them be named as clobbered. What lies on a stack that does not run: the address to go on at, rbx, rbp, and the red
 * zone that was stepped over. All else that a call may lose is named, since a program that is optimised as a whole may
 * have this in the middle of its own functions. */
#ifdef __AVX512F__
#define WEIR__LOST_512                                                                                                 \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27",      \
        "xmm28", "xmm29", "xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define WEIR__LOST_512
#endif
static inline __attribute__((always_inline)) void weir__context_switch_raw(void **save, void *to) {
    __asm__ volatile("leaq -128(%%rsp), %%rsp\n\t"
                     "pushq %%rbp\n\t"
                     "pushq %%rbx\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "movq %%rsp, (%0)\n\t"
                     "movq %1, %%rsp\n\t"
                     "popq %%rax\n\t"
                     "popq %%rbx\n\t"
                     "popq %%rbp\n\t"
                     "jmpq *%%rax\n"
                     "1:\n\t"
                     "endbr64\n\t"
                     "leaq 128(%%rsp), %%rsp\n\t"
                     : "+D"(save), "+S"(to)
                     :
                     : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1",
                       "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
                       "xmm13", "xmm14", "xmm15", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)",
                       "memory", "cc" WEIR__LOST_512);
}
#else
/** Save the callee-saved registers on the running stack, their place in *save, and go on with those at `to`. */
void weir__context_switch_raw(void **save, void *to);
#endif

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
