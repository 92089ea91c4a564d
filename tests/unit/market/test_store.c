/* SPDX-License-Identifier: MIT */
/* test_store.c: the database as tasks see it: shared commits, cancels, full disks, one process at a time. Most cases
 * run simulated and on real threads. */
#include "market/store_run.h"
#include "place.h"

#include "weir/weir.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct store *open_store(const char *path, unsigned writes_max) {
    struct store_options options = {.size_bytes = sizeof options, .path = path, .writes_max = writes_max};
    struct store *store;
    int rc = store_open(&store, &options);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "store_open: %s", market_error_text(rc));
    return store;
}

/** A store of users 1 and 2 and of article 1, of which there are `stock`. */
static struct store *begin(int64_t stock) {
    struct db *db = place_db();
    place_add(db, "Lantern", "", 250, stock);
    CHECK_INT(db_close(db), 0);
    return open_store(place_file("market.db"), 0);
}

static void finish(struct store *store) {
    CHECK_INT(store_close(store), 0);
    CHECK_INT(place_sql(place_file("market.db"),
                        "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
              0);
    place_remove();
}

static int64_t stock_of(struct store *store) {
    struct market_products *products;
    CHECK_INT(store_product_get(store, 1, &products), 0);
    int64_t stock = products->items[0].stock;
    market_free(products);
    return stock;
}

/* ---- Buying ------------------------------------------------------------------------------------------------------ */

struct buyer {
    struct store *store;
    const char *key;
    int rc;
    int64_t order_id;
    bool again;
};

static int buy(void *arg) {
    struct buyer *buyer = arg;
    struct market_orders *orders;
    buyer->rc = store_order_place(buyer->store, 2, 1, 1, buyer->key, &orders, &buyer->again, NULL);
    if (buyer->rc == 0) {
        buyer->order_id = orders->items[0].id;
        market_free(orders);
    }
    return 0;
}

static void buy_at_once(struct buyer *buyers, unsigned count) {
    weir_group group;
    weir_group_open(&group);
    for (unsigned i = 0; i < count; i++)
        CHECK_INT(weir_spawn(&group, buy, &buyers[i], NULL), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

enum { BUYERS = 500, STOCK = 100 };

static void check_crowd(void) {
    struct store *store = begin(STOCK);
    static struct buyer buyers[BUYERS];
    unsigned bought = 0;
    struct store_stats stats;

    for (unsigned i = 0; i < BUYERS; i++)
        buyers[i] = (struct buyer){.store = store};
    buy_at_once(buyers, BUYERS);
    for (unsigned i = 0; i < BUYERS; i++) {
        CHECK(buyers[i].rc == 0 || buyers[i].rc == -MARKET_EOUT_OF_STOCK);
        bought += buyers[i].rc == 0;
    }
    CHECK_INT(bought, STOCK);
    CHECK_INT(stock_of(store), 0);
    store_get_stats(store, &stats);
    CHECK_INT(stats.writes, STOCK);
    CHECK_INT(stats.writes_failed, BUYERS - STOCK);
    CHECK_INT(stats.writes_waiting, 0);
    CHECK(stats.commits < BUYERS / 10); /* they shared */
    CHECK(stats.batch_max > 10);
    CHECK_INT(stats.commits_failed, 0);
    finish(store);
}

TASK_TEST(test_store_sells_no_more_than_there_is_simulated) { check_crowd(); }
REAL_TEST(test_store_sells_no_more_than_there_is) { check_crowd(); }

TASK_TEST(test_store_shares_a_commit_of_so_many_at_most) {
    CHECK_INT(store_close(begin(1000)), 0);
    struct store *store = open_store(place_file("market.db"), 8);
    struct buyer buyers[100];
    struct store_stats stats;
    for (unsigned i = 0; i < 100; i++)
        buyers[i] = (struct buyer){.store = store};
    buy_at_once(buyers, 100);
    store_get_stats(store, &stats);
    CHECK_INT(stats.writes, 100);
    CHECK_INT(stats.batch_max, 8);
    CHECK(stats.commits >= 13 && stats.commits <= 20);
    finish(store);
}

static void check_keys(void) {
    struct store *store = begin(10);
    struct buyer buyers[50];
    for (unsigned i = 0; i < 50; i++)
        buyers[i] = (struct buyer){.store = store, .key = "the same"};
    buy_at_once(buyers, 50);
    unsigned first = 0;
    for (unsigned i = 0; i < 50; i++) {
        CHECK_INT(buyers[i].rc, 0);
        CHECK_INT(buyers[i].order_id, buyers[0].order_id);
        first += !buyers[i].again;
    }
    CHECK_INT(first, 1);
    CHECK_INT(stock_of(store), 9);
    finish(store);
}

TASK_TEST(test_store_makes_one_order_of_a_key_that_comes_at_once_simulated) { check_keys(); }
REAL_TEST(test_store_makes_one_order_of_a_key_that_comes_at_once) { check_keys(); }

TASK_TEST(test_store_refuses_bad_orders_before_they_are_written) {
    struct store *store = begin(10);
    struct market_orders *orders;
    struct market_flaw flaw;
    CHECK_INT(store_order_place(store, 2, 1, 0, NULL, &orders, NULL, &flaw), -MARKET_EINVALID);
    CHECK_STR(flaw.field, "quantity");
    CHECK_INT(store_order_place(store, 2, 1, 1, "", &orders, NULL, &flaw), -MARKET_EINVALID);
    CHECK_STR(flaw.field, "key");
    CHECK_INT(store_order_place(store, 2, 77, 1, NULL, &orders, NULL, &flaw), -MARKET_ENOT_FOUND);
    finish(store);
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

struct reader {
    struct store *store;
    atomic_int *inside, *most;
};

static int note_most(struct db *db, void *arg) {
    struct reader *reader = arg;
    int now = atomic_fetch_add(reader->inside, 1) + 1;
    int most = atomic_load(reader->most);
    while (now > most && !atomic_compare_exchange_weak(reader->most, &most, now))
        continue;
    int rc = db_check(db);
    atomic_fetch_sub(reader->inside, 1);
    return rc;
}

static int read_once(void *arg) {
    struct reader *reader = arg;
    return store_read(reader->store, note_most, reader);
}

REAL_TEST(test_store_reads_on_as_many_connections_as_there_are) {
    struct store *store = begin(1);
    atomic_int inside = 0, most = 0;
    struct reader reader = {store, &inside, &most};
    weir_group group;
    weir_group_open(&group);
    for (int i = 0; i < 200; i++)
        CHECK_INT(weir_spawn(&group, read_once, &reader, NULL), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    struct store_stats stats;
    store_get_stats(store, &stats);
    CHECK(atomic_load(&most) >= 1 && (unsigned)atomic_load(&most) <= stats.readers);
    CHECK_INT(stats.reads, 200);
    CHECK_INT(stats.reads_running, 0);
    finish(store);
}

static int write_something(struct db *db, void *arg) {
    struct market_offer offer = {.title = "x"};
    return db_product_add(db, 1, &offer, arg);
}

TASK_TEST(test_store_readers_cannot_write) {
    struct store *store = begin(1);
    int64_t id;
    CHECK_INT(store_read(store, write_something, &id), -EROFS); /* the connection itself refuses */
    finish(store);
}

/* ---- Cancels ----------------------------------------------------------------------------------------------------- */

struct slow {
    struct store *store;
    atomic_bool *started, *go;
    int rc;
    bool ran;
};

/** Holds the writer until it is told to go on. */
static int hold_writer(struct db *db, void *arg) {
    struct slow *slow = arg;
    int64_t id;
    atomic_store(slow->started, true);
    while (!atomic_load(slow->go))
        usleep(100);
    slow->ran = true;
    return db_user_add(db, "Slow", NULL, &id);
}

static int write_slowly(void *arg) {
    struct slow *slow = arg;
    slow->rc = store_write(slow->store, hold_writer, slow);
    return 0;
}

REAL_TEST(test_store_lets_go_a_write_that_waits_and_awaits_one_that_began) {
    struct store *store = begin(5);
    atomic_bool started = false, go = false;
    struct slow slow = {.store = store, .started = &started, .go = &go};
    struct buyer buyer = {.store = store};
    weir_task *writer, *waiter;
    weir_group group;

    weir_group_open(&group);
    CHECK_INT(weir_spawn(&group, write_slowly, &slow, &writer), 0);
    while (!atomic_load(&started))
        CHECK_INT(weir_yield(), 0);
    CHECK_INT(weir_spawn(&group, buy, &buyer, &waiter), 0);
    CHECK_INT(weir_yield(), 0);
    weir_task_cancel(writer, "enough");
    weir_task_cancel(waiter, "enough");
    CHECK_INT(weir_task_wait(waiter, NULL), 0);
    CHECK_INT(buyer.rc, -ECANCELED);
    CHECK_INT(weir_task_try_wait(writer, NULL), -EAGAIN); /* its commit is awaited */
    atomic_store(&go, true);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(slow.rc, 0); /* an outcome that exists is returned */
    CHECK_INT(stock_of(store), 5);
    CHECK_INT(store_close(store), 0);
    CHECK_INT(place_sql(place_file("market.db"), "SELECT count(*) FROM users WHERE name = 'Slow'"), 1);
    place_remove();
}

TASK_TEST(test_store_refuses_when_cancelled_or_out_of_time) {
    struct store *store = begin(5);
    struct market_products *products;
    struct market_orders *orders;
    struct market_query query = {.words = NULL};
    weir_scope scope;

    weir_scope_open(&scope, weir_after(0));
    CHECK_INT(store_products_find(store, &query, &products), -ETIME);
    CHECK_INT(store_order_place(store, 2, 1, 1, NULL, &orders, NULL, NULL), -ETIME);
    CHECK_INT(weir_scope_close(&scope, 0), -ETIME);
    CHECK_INT(stock_of(store), 5);
    finish(store);
}

TASK_TEST(test_store_closes_inside_a_cancelled_scope) {
    struct store *store = begin(5);
    weir_scope scope;
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the end");
    CHECK_INT(store_close(store), 0);
    CHECK_INT(weir_scope_close(&scope, 0), 0);
    CHECK_INT(store_close(open_store(place_file("market.db"), 0)), 0); /* nothing is locked */
    place_remove();
}

/* ---- The disk ---------------------------------------------------------------------------------------------------- */

static int bound_pages(struct db *db, void *arg) { return db_set_pages_max(db, *(int64_t *)arg); }

struct publisher {
    struct store *store;
    int rc;
    char text[200];
};

static char description[9000]; /* filled in before any is published */

static int publish(void *arg) {
    struct publisher *p = arg;
    int64_t id;
    struct market_offer offer = {.title = "large", .description = description};
    p->rc = store_product_add(p->store, 1, &offer, &id, NULL);
    snprintf(p->text, sizeof p->text, "%s", market_error_text(p->rc));
    return 0;
}

static void check_full_disk(void) {
    struct store *store = begin(100);
    struct buyer buyers[20];
    struct publisher publishers[20];
    weir_group group;
    memset(description, 'x', sizeof description - 1);
    int64_t pages = 1; /* SQLite makes it as many as there are now */

    CHECK_INT(store_write(store, bound_pages, &pages), 0);
    weir_group_open(&group);
    for (unsigned i = 0; i < 20; i++) {
        buyers[i] = (struct buyer){.store = store};
        publishers[i] = (struct publisher){.store = store};
        CHECK_INT(weir_spawn(&group, buy, &buyers[i], NULL), 0);
        CHECK_INT(weir_spawn(&group, publish, &publishers[i], NULL), 0);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);

    int64_t bought = 0;
    for (unsigned i = 0; i < 20; i++) {
        CHECK_INT(publishers[i].rc, -MARKET_EDISK_FULL);
        CHECK_HAS(publishers[i].text, "the disk is full; nothing was changed");
        CHECK(buyers[i].rc == 0 || buyers[i].rc == -MARKET_EDISK_FULL);
        bought += buyers[i].rc == 0;
    }
    CHECK_INT(stock_of(store), 100 - bought);

    pages = 0;
    CHECK_INT(store_write(store, bound_pages, &pages), 0);
    publish(&publishers[0]);
    CHECK_INT(publishers[0].rc, 0);
    buy(&buyers[0]);
    CHECK_INT(buyers[0].rc, 0);
    CHECK_INT(stock_of(store), 99 - bought);
    finish(store);
}

TASK_TEST(test_store_tells_a_full_disk_and_recovers_simulated) { check_full_disk(); }
REAL_TEST(test_store_tells_a_full_disk_and_recovers) { check_full_disk(); }

/* A disk that fails while a commit is written: files may not grow, so the write of the log is cut short. */
static void check_failing_disk(void) {
    struct store *store = begin(100);
    struct buyer buyers[20];
    struct rlimit limit, none;
    struct stat status;
    struct store_stats before, after;

    for (unsigned i = 0; i < 20; i++)
        buyers[i] = (struct buyer){.store = store};
    buy(&buyers[0]);
    CHECK_INT(buyers[0].rc, 0);
    CHECK_INT(stat(place_file("market.db-wal"), &status), 0);
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &none), 0);
    limit = none;
    limit.rlim_cur = (rlim_t)status.st_size + 5000; /* in the middle of a page */
    signal(SIGXFSZ, SIG_IGN);
    store_get_stats(store, &before);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
    buy_at_once(buyers, 20);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &none), 0);
    for (unsigned i = 0; i < 20; i++)
        CHECK_INT(buyers[i].rc, -MARKET_EDISK);
    store_get_stats(store, &after);
    CHECK_INT(after.commits, before.commits);
    CHECK(after.commits_failed > before.commits_failed);

    CHECK_INT(stock_of(store), 99);
    buy_at_once(buyers, 20);
    for (unsigned i = 0; i < 20; i++)
        CHECK_INT(buyers[i].rc, 0);
    CHECK_INT(stock_of(store), 79);
    finish(store);
}

TASK_TEST(test_store_tells_a_failing_disk_and_recovers_simulated) { check_failing_disk(); }
REAL_TEST(test_store_tells_a_failing_disk_and_recovers) { check_failing_disk(); }

/* ---- Opening ----------------------------------------------------------------------------------------------------- */

TASK_TEST(test_store_makes_the_folder_of_its_file) {
    char path[400];
    place_make();
    snprintf(path, sizeof path, "%s", place_file("var/market.db"));
    CHECK_INT(store_close(open_store(path, 0)), 0);
    CHECK_INT(access(path, F_OK), 0);
    static const char *const files[] = {"var/market.db", "var/market.db.lock"};
    for (int i = 0; i < 2; i++)
        CHECK_INT(unlink(place_file(files[i])), 0);
    CHECK_INT(rmdir(place_file("var")), 0);
    place_remove();
}

static void expect_refused(int code, const char *word) {
    struct store_options options = {.size_bytes = sizeof options, .path = place_file("market.db")};
    struct store *store;
    CHECK_INT(store_open(&store, &options), code);
    CHECK_HAS(market_error_text(code), word);
}

TASK_TEST(test_store_is_for_one_at_a_time) {
    struct store *store = begin(1);
    char word[64];
    snprintf(word, sizeof word, "in use by process %ld", (long)getpid());
    expect_refused(-MARKET_EIN_USE, word);
    CHECK_INT(stock_of(store), 1); /* the first is none the worse */
    finish(store);
}

TASK_TEST(test_store_says_what_is_wrong_with_a_file) {
    place_make();
    place_write(place_file("market.db"), "no database, but long enough to look at", 40);
    expect_refused(-MARKET_EFOREIGN, "not a database of market's");
    unlink(place_file("market.db"));
    place_sql(place_file("market.db"),
              "PRAGMA application_id = 1297238868; PRAGMA user_version = 9; CREATE TABLE t (x)");
    expect_refused(-MARKET_ENEWER, "version 9");
    place_remove();
}

/* A server that is killed in the middle of its orders: what was answered is there. */
static int sell_until_killed(void *arg) {
    int *fd = arg, rc = 0;
    struct store *store = open_store(place_file("market.db"), 0);
    while ((rc = weir_checkpoint()) == 0) {
        struct buyer buyers[20];
        for (unsigned i = 0; i < 20; i++)
            buyers[i] = (struct buyer){.store = store};
        buy_at_once(buyers, 20);
        for (unsigned i = 0; i < 20; i++)
            if (buyers[i].rc == 0)
                CHECK_INT(write(*fd, &buyers[i].order_id, sizeof buyers[i].order_id), sizeof buyers[i].order_id);
    }
    return rc;
}

TEST(test_store_keeps_what_it_answered_when_killed) {
    enum { ALL = 1000000 };
    struct db *db = place_db();
    place_add(db, "Lantern", "", 250, ALL);
    CHECK_INT(db_close(db), 0);
    for (unsigned round = 0; round < test_scaled(5); round++) {
        int answers[2];
        CHECK_INT(pipe(answers), 0);
        pid_t child = fork();
        if (child == 0) {
            close(answers[0]);
            weir_run(sell_until_killed, &answers[1], NULL);
            _exit(1);
        }
        close(answers[1]);
        int64_t last = 0, id;
        for (unsigned heard = 0; heard < 50 + 37 * round; heard++) {
            CHECK_INT(read(answers[0], &id, sizeof id), sizeof id);
            last = id > last ? id : last;
        }
        CHECK_INT(kill(child, SIGKILL), 0);
        while (read(answers[0], &id, sizeof id) == sizeof id)
            last = id > last ? id : last;
        close(answers[0]);
        CHECK_INT(waitpid(child, NULL, 0), child);

        CHECK_INT(db_open(&db, place_file("market.db"), DB_WRITER), 0);
        struct market_orders *orders;
        CHECK_INT(db_order_get(db, 2, last, &orders), 0);
        market_free(orders);
        CHECK_INT(db_close(db), 0);
        CHECK_INT(place_sql(place_file("market.db"), "SELECT stock + (SELECT count(*) FROM orders) FROM products"),
                  ALL);
        CHECK_INT(place_sql(place_file("market.db"), "SELECT max(id) - count(*) FROM orders"), 0);
    }
    place_remove();
}
