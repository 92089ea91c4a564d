/* SPDX-License-Identifier: MIT */
/* logins.c: how many logins of late have failed.
 * Invariant: a key is in its own bucket or nowhere; `times` of an entry are its last failures, oldest first, and
 * `count` of them are real. */
#include "market/logins.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 512, ENTRIES = 8 };

struct entry {
    uint64_t key;
    unsigned count; /* 0: free */
    int64_t times[LOGINS_FAILURES_MAX];
};

struct logins {
    unsigned failures_max;
    weir_duration failures_time;
    struct entry entries[BUCKETS][ENTRIES];
};

struct logins *logins_new(unsigned failures_max, weir_duration failures_time) {
    struct logins *logins = calloc(1, sizeof *logins);
    if (logins == NULL)
        return NULL;
    logins->failures_max = failures_max < 1                     ? 1
                           : failures_max > LOGINS_FAILURES_MAX ? LOGINS_FAILURES_MAX
                                                                : failures_max;
    logins->failures_time = failures_time;
    return logins;
}

void logins_free(struct logins *logins) { free(logins); }

static struct entry *find(const struct logins *logins, uint64_t key) {
    const struct entry *bucket = logins->entries[key % BUCKETS];
    for (size_t i = 0; i < ENTRIES; i++)
        if (bucket[i].count > 0 && bucket[i].key == key)
            return (struct entry *)&bucket[i];
    return NULL;
}

/** A free entry, or the one that was quiet the longest. */
static struct entry *make(struct logins *logins, uint64_t key) {
    struct entry *bucket = logins->entries[key % BUCKETS], *oldest = bucket;

    for (size_t i = 0; i < ENTRIES; i++) {
        if (bucket[i].count == 0) {
            oldest = &bucket[i];
            break;
        }
        if (bucket[i].times[bucket[i].count - 1] < oldest->times[oldest->count - 1])
            oldest = &bucket[i];
    }
    *oldest = (struct entry){.key = key};
    return oldest;
}

weir_duration logins_wait(const struct logins *logins, uint64_t key, weir_instant now) {
    const struct entry *entry = find(logins, key);
    if (entry == NULL || entry->count < logins->failures_max)
        return 0;
    weir_duration left = entry->times[0] + logins->failures_time - now.ns;
    return left > 0 ? left : 0;
}

void logins_begin(struct logins *logins, uint64_t key, weir_instant now) {
    struct entry *entry = find(logins, key);
    if (entry == NULL)
        entry = make(logins, key);
    if (entry->count == logins->failures_max)
        memmove(entry->times, entry->times + 1, --entry->count * sizeof entry->times[0]);
    entry->times[entry->count++] = now.ns;
}

void logins_forgive(struct logins *logins, uint64_t key) {
    struct entry *entry = find(logins, key);
    if (entry != NULL)
        entry->count = 0;
}

void logins_undo(struct logins *logins, uint64_t key) {
    struct entry *entry = find(logins, key);
    if (entry != NULL)
        entry->count--;
}
