/* SPDX-License-Identifier: MIT */
/* fault.c: the handler of SIGSEGV and SIGBUS, and the alternate stack on which it runs.
 * Invariant: the process's handlers are ours while `watchers` > 0; `former` is then what was there before.
 *
 * What is process-wide here is what the kernel keeps for the process: the two signals' actions. */
#include "platform/fault.h"

#include "base/text.h"
#include "platform/symbol.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    /* Beyond what the kernel saves: the handler's own frames are 2 KiB, those of a sanitizer's that it calls 20. */
    HANDLER_STACK_BYTES = 64 << 10,
    HANDLER_GUARD_BYTES = 64 << 10, /* a multiple of every page size */
    REPORT_BYTES = 1024,
};

static const int signals[] = {SIGSEGV, SIGBUS};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned watchers; /* under watch_lock */
static struct sigaction former[SIGNALS];

/** This thread's. The handler may be the first on a thread to read it, when nothing may be allocated any more. */
static _Thread_local struct {
    weir__fault_find *find;
    void *arg;
    char *stack; /* NULL: the thread had an alternate stack already, and keeps it */
    size_t stack_bytes;
    const char *frame; /* of the handler that is passing a fault on, or left by a jump; NULL: none */
} watch __attribute__((tls_model("initial-exec")));

static void add_task(struct weir__text *text, const struct weir__overflow *overflow) {
    char site[192];
    struct weir__symbol symbol = {.function = ""};

    if (overflow->task[0] == '\0' && overflow->function != NULL)
        weir__symbol_find(overflow->function, &symbol);
    weir__text_add(text, overflow->task);
    weir__text_add(text, symbol.function);
    weir__text_add(text, "\"");
    if (overflow->spawned_at == NULL)
        return;
    weir__symbol_describe(overflow->spawned_at, site, sizeof site);
    weir__text_add(text, " (spawned at ");
    weir__text_add(text, site);
    weir__text_add(text, ")");
}

/** How to get from the spawn's address to its line. */
static void add_advice(struct weir__text *text, const char *spawned_at) {
    struct weir__symbol symbol;

    /* The byte before the return address is still the call's. */
    weir__symbol_find(spawned_at - 1, &symbol);
    weir__text_add(text, ", run `addr2line -e ");
    weir__text_add(text, symbol.module);
    weir__text_add(text, " ");
    weir__text_add_hex(text, symbol.module_offset);
    weir__text_add(text, "`");
}

static void report(const struct weir__overflow *overflow) {
    char buf[REPORT_BYTES];
    struct weir__text text;

    weir__text_init(&text, buf, sizeof buf - 1); /* the newline has room even when the rest is cut */
    weir__text_add(&text, "weir: stack overflow in task \"");
    add_task(&text, overflow);
    weir__text_add(&text, ": ");
    weir__text_add_decimal(&text, overflow->stack_bytes);
    weir__text_add(&text, " bytes used");
    if (overflow->spawned_at != NULL)
        add_advice(&text, overflow->spawned_at);
    buf[text.bytes++] = '\n';
    ssize_t written = write(STDERR_FILENO, buf, text.bytes);
    (void)written; /* there is nobody else to tell */
}

/* At the return the instruction faults again, now to the end: a core holds the registers of the fault itself. One that
 * another process sent would not come again by itself. */
static void end_by_default(int signo, const siginfo_t *info) {
    const struct sigaction by_default = {.sa_handler = SIG_DFL};

    sigaction(signo, &by_default, NULL);
    if (info->si_code <= 0)
        raise(signo);
}

/** Let the fault be what it would have been without us. */
static void pass_on(const struct sigaction *action, int signo, siginfo_t *info, void *context) {
    if ((action->sa_flags & SA_SIGINFO) != 0 && action->sa_sigaction != NULL) {
        action->sa_sigaction(signo, info, context);
        return;
    }
    if (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN) {
        action->sa_handler(signo);
        return;
    }
    bool was_sent = info->si_code <= 0;
    if (action->sa_handler != SIG_IGN || !was_sent)
        end_by_default(signo, info);
}

/* A handler that was put over ours in an earlier run, and passes on to what it found there, is now the one that we pass
 * on to: back here, deeper on the same stack, the fault is at its end. */
static bool has_come_back(const char *frame) {
    return watch.find != NULL && watch.frame != NULL && frame < watch.frame;
}

static void on_fault(int signo, siginfo_t *info, void *context) {
    struct weir__overflow overflow;
    const char *frame = __builtin_frame_address(0);
    int kept_errno = errno;

    if (has_come_back(frame)) {
        end_by_default(signo, info);
        return;
    }
    watch.frame = frame;
    if (watch.find != NULL && info->si_code > 0 && watch.find(watch.arg, info->si_addr, &overflow))
        report(&overflow);
    errno = kept_errno;
    pass_on(&former[signo == signals[0] ? 0 : 1], signo, info, context);
    watch.frame = NULL;
}

/** A guarded stack of our own, where the thread (by a sanitizer, say) has none. 0; -ENOMEM */
static int open_stack(void) {
    long kernel_needs = sysconf(_SC_MINSIGSTKSZ);
    stack_t present;

    if (sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_DISABLE) == 0) {
        watch.stack = NULL;
        return 0;
    }
    watch.stack_bytes = HANDLER_GUARD_BYTES + HANDLER_STACK_BYTES + (kernel_needs > 0 ? (size_t)kernel_needs : 0);
    void *stack = mmap(NULL, watch.stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        return -ENOMEM;

    char *low = (char *)stack + HANDLER_GUARD_BYTES;
    const stack_t ours = {.ss_sp = low, .ss_size = watch.stack_bytes - HANDLER_GUARD_BYTES};
    if (mprotect(stack, HANDLER_GUARD_BYTES, PROT_NONE) != 0 || sigaltstack(&ours, NULL) != 0) {
        munmap(stack, watch.stack_bytes);
        return -ENOMEM;
    }
    watch.stack = stack;
    return 0;
}

static void close_stack(void) {
    const stack_t none = {.ss_flags = SS_DISABLE};

    if (watch.stack == NULL)
        return;
    sigaltstack(&none, NULL);
    munmap(watch.stack, watch.stack_bytes);
    watch.stack = NULL;
}

/* The mask and whether faults nest are the former handler's choice, since it is the one that goes on. */
static void take_signals(void) {
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], NULL, &former[i]);
        const struct sigaction ours = {
            .sa_sigaction = on_fault,
            .sa_mask = former[i].sa_mask,
            .sa_flags = SA_SIGINFO | SA_ONSTACK | (former[i].sa_flags & SA_NODEFER),
        };
        sigaction(signals[i], &ours, NULL);
    }
}

/** Whoever has put a handler of their own over ours keeps it. */
static void give_signals_back(void) {
    struct sigaction present;

    for (size_t i = 0; i < SIGNALS; i++) {
        if (sigaction(signals[i], NULL, &present) == 0 && (present.sa_flags & SA_SIGINFO) != 0 &&
            present.sa_sigaction == on_fault)
            sigaction(signals[i], &former[i], NULL);
    }
}

int weir__fault_open(weir__fault_find *find, void *arg) {
    int rc = open_stack();

    if (rc < 0)
        return rc;
    watch.find = find;
    watch.arg = arg;
    watch.frame = NULL;
    pthread_mutex_lock(&watch_lock);
    if (watchers++ == 0)
        take_signals();
    pthread_mutex_unlock(&watch_lock);
    return 0;
}

void weir__fault_close(void) {
    pthread_mutex_lock(&watch_lock);
    if (--watchers == 0)
        give_signals_back();
    pthread_mutex_unlock(&watch_lock);
    watch.find = NULL;
    close_stack();
}
