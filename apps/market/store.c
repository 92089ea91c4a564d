/* SPDX-License-Identifier: MIT */
/* store.c: the database's connections and the threads that use them.
 *
 * One connection writes, in a batching lane of one thread: its begin and end are BEGIN and COMMIT. The others read; a
 * read takes one that is free, and a lane with as many threads runs it.
 * Invariant: a connection is either free (in `readers` below `readers_free`), or used by exactly one function; so
 * SQLite needs no mutex of its own. But for the counters of the writer's thread, all fields are the loop's. */
#include "market/store_run.h"

#include "market/db.h"
#include "market/lock.h"

#include "weir/offload.h"
#include "weir/scope.h"
#include "weir/semaphore.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { READERS_MIN = 2, READERS_MAX = 16, WRITES_DEFAULT = 256, WAITING_DEFAULT = 4096 };

#define CLOSE_TIME (10 * WEIR_SEC)

struct store {
    struct store_options options; /* filled up; `path` is a copy */
    char *path;
    int lock;
    struct db *writer;
    weir_lane *writing, *reading;
    struct db *readers[READERS_MAX];
    unsigned readers_free;
    weir_semaphore reader; /* as many permits as free readers */

    struct store_stats stats; /* those of the loop */
    unsigned batch;           /* members of the batch that runs; the writer's thread's */
    atomic_uint_fast64_t commits, commits_failed;
    atomic_uint batch_max;
};

unsigned store_cores(void) {
    cpu_set_t cores;
    return sched_getaffinity(0, sizeof cores, &cores) == 0 ? (unsigned)CPU_COUNT(&cores) : 1;
}

/* ---- The shared commit: on the writer's thread ------------------------------------------------------------------- */

static int batch_begin(void *arg) {
    struct store *store = arg;
    store->batch = 0;
    return db_begin(store->writer);
}

static int batch_end(void *arg) {
    struct store *store = arg;
    int rc = db_commit(store->writer);

    atomic_fetch_add_explicit(rc < 0 ? &store->commits_failed : &store->commits, 1, memory_order_relaxed);
    if (store->batch > atomic_load_explicit(&store->batch_max, memory_order_relaxed))
        atomic_store_explicit(&store->batch_max, store->batch, memory_order_relaxed);
    return rc;
}

/* ---- Running functions ------------------------------------------------------------------------------------------- */

struct call {
    struct store *store;
    struct db *db;
    store_fn *fn;
    void *arg;
};

static int run_write(void *arg, const weir_stop *stop) {
    struct call *call = arg;
    (void)stop; /* a member is short; what it began it ends */
    call->store->batch++;
    return db_member(call->db, call->fn, call->arg);
}

int store_write(struct store *store, store_fn *fn, void *arg) {
    struct call call = {.store = store, .db = store->writer, .fn = fn, .arg = arg};

    store->stats.writes_waiting++;
    int rc = weir_offload(store->writing, run_write, &call);
    store->stats.writes_waiting--;
    if (rc < 0)
        store->stats.writes_failed++;
    else
        store->stats.writes++;
    return rc;
}

static int run_read(void *arg, const weir_stop *stop) {
    struct call *call = arg;
    (void)stop;
    return call->fn(call->db, call->arg);
}

int store_read(struct store *store, store_fn *fn, void *arg) {
    store->stats.reads_running++;
    int rc = weir_semaphore_acquire(&store->reader, 1);
    if (rc == 0) {
        struct call call = {.store = store, .db = store->readers[--store->readers_free], .fn = fn, .arg = arg};
        rc = weir_offload(store->reading, run_read, &call);
        store->readers[store->readers_free++] = call.db;
        weir_semaphore_release(&store->reader, 1);
        store->stats.reads++;
    }
    store->stats.reads_running--;
    return rc;
}

void store_get_stats(const struct store *store, struct store_stats *ret_stats) {
    *ret_stats = store->stats;
    ret_stats->commits = atomic_load_explicit(&store->commits, memory_order_relaxed);
    ret_stats->commits_failed = atomic_load_explicit(&store->commits_failed, memory_order_relaxed);
    ret_stats->batch_max = atomic_load_explicit(&store->batch_max, memory_order_relaxed);
    ret_stats->readers = store->options.readers;
}

/* ---- Opening and closing ----------------------------------------------------------------------------------------- */

/** Make the folder that the file is in; folders above it must be there. */
static int make_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return 0;
    char *folder = strndup(path, (size_t)(slash - path));
    if (folder == NULL)
        return -ENOMEM;
    int rc = mkdir(folder, 0777) < 0 && errno != EEXIST ? -errno : 0;
    if (rc < 0)
        weir_fail(rc, "make the folder %s: %s", folder, strerror(-rc));
    free(folder);
    return rc;
}

static int close_files(void *arg, const weir_stop *stop) {
    struct store *store = arg;
    (void)stop;
    while (store->readers_free > 0)
        (void)!db_close(store->readers[--store->readers_free]);
    int rc = db_close(store->writer); /* the last one: moves the log into the file */
    store->writer = NULL;
    lock_give(store->lock);
    store->lock = -1;
    return rc;
}

static int open_files(void *arg, const weir_stop *stop) {
    struct store *store = arg;

    int rc = make_folder(store->path);
    if (rc == 0)
        rc = lock_take(store->path, &store->lock);
    if (rc == 0)
        rc = db_open(&store->writer, store->path, DB_WRITER);
    while (rc == 0 && store->readers_free < store->options.readers) {
        rc = db_open(&store->readers[store->readers_free], store->path, DB_READER);
        store->readers_free += rc == 0;
    }
    if (rc < 0)
        (void)!close_files(store, stop);
    return rc;
}

static unsigned clamp(unsigned value, unsigned when_zero, unsigned min, unsigned max) {
    if (value == 0)
        value = when_zero;
    return value < min ? min : value > max ? max : value;
}

static struct store *store_new(const struct store_options *options) {
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL || (store->path = strdup(options->path)) == NULL) {
        free(store);
        return NULL;
    }
    store->options = *options;
    store->options.path = store->path;
    store->options.readers = clamp(options->readers, store_cores(), READERS_MIN, READERS_MAX);
    store->options.writes_max = clamp(options->writes_max, WRITES_DEFAULT, 1, UINT32_MAX);
    store->options.waiting_max = clamp(options->waiting_max, WAITING_DEFAULT, 1, UINT32_MAX);
    store->lock = -1;
    return store;
}

static void store_free(struct store *store) {
    weir_lane_free(store->writing);
    weir_lane_free(store->reading);
    weir_semaphore_done(&store->reader);
    free(store->path);
    free(store);
}

int store_open(struct store **ret_store, const struct store_options *options) {
    if (options->size_bytes != sizeof *options || options->path == NULL || options->path[0] == '\0')
        return weir_fail(-EINVAL, "store_open: no path");
    struct store *store = store_new(options);
    if (store == NULL)
        return -ENOMEM;

    weir_lane_batch commit = {
        .size_bytes = sizeof commit,
        .functions_max = store->options.writes_max,
        .begin = batch_begin,
        .end = batch_end,
        .arg = store,
    };
    int rc = weir_lane_new_batching(&store->writing, "db-write", store->options.waiting_max, &commit);
    if (rc == 0)
        rc = weir_lane_new(&store->reading, "db-read", store->options.readers, store->options.readers);
    if (rc == 0)
        rc = weir_offload(NULL, open_files, store);
    weir_semaphore_init(&store->reader, store->readers_free);
    if (rc < 0) {
        store_free(store);
        return rc;
    }
    *ret_store = store;
    return 0;
}

int store_close(struct store *store) {
    weir_scope shield;

    if (store == NULL)
        return 0;
    weir_scope_open_shield(&shield, weir_after(CLOSE_TIME));
    int rc = weir_offload(NULL, close_files, store);
    if (store->writer != NULL) /* no time is left to do it aside: then here, or the lock would stay */
        rc = close_files(store, NULL);
    rc = weir_scope_close(&shield, rc);
    store_free(store);
    return rc;
}
