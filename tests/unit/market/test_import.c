/* SPDX-License-Identifier: MIT */
/* test_import.c: files in, catalogue, customers and orders out: once, whatever happens in between. */
#include "market/import.h"
#include "market/png.h"
#include "market/picture.h"
#include "market/seed_picture.h"
#include "market/source.h"
#include "market/store_run.h"
#include "place.h"

#include "weir/weir.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#define HEADER "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
#define WHEN ",2010-12-01 08:26:00,"

static char file[400], db[400];

static void begin(void) {
    snprintf(db, sizeof db, "%s", place_make());
    snprintf(file, sizeof file, "%s", place_file("orders.csv"));
}

static struct import_counts counts;

/** Import `file` as it is. */
static int import_it(void) {
    struct store_options options = {.size_bytes = sizeof options, .path = db};
    struct import_options what = {.path = file};
    weir_duration elapsed;
    struct store *store;

    int rc = store_open(&store, &options);
    if (rc < 0)
        return rc;
    rc = import_file(store, &what, &counts, &elapsed);
    CHECK_INT(store_close(store), 0);
    return rc;
}

static int import_text(const char *text) {
    place_write(file, text, strlen(text));
    return import_it();
}

static const char small[] = HEADER "1,A,Red lamp,2" WHEN "1.50,17.0,UK\n"
                                   "1,B,\"Tea pot, blue\",1" WHEN "10,17.0,UK\n"
                                   "2,A,Red lamp,5" WHEN "1.40,,UK\n"
                                   "C3,A,Red lamp,-5" WHEN "1.40,18.0,UK\n"
                                   "4,A,RED LAMP LARGE,1" WHEN "1.60,17.0,UK\n"
                                   "4,POST,Postage,1" WHEN "5,17.0,UK\n"
                                   "5,Z,,-3" WHEN "0,,UK\n"
                                   "broken\n";

TASK_TEST(test_import_makes_catalogue_customers_and_orders) {
    begin();
    CHECK_INT(import_text(small), 0);
    CHECK_INT(counts.lines, 8);
    CHECK_INT(counts.lines_added, 5);
    CHECK_INT(counts.skipped[RETAIL_CANCELLATION], 1);
    CHECK_INT(counts.skipped[RETAIL_NOTHING], 1);
    CHECK_INT(counts.skipped[RETAIL_MALFORMED], 1);
    CHECK_INT(counts.invoices, 5);
    CHECK_INT(counts.orders_added, 3);
    CHECK_INT(counts.articles, 4);
    CHECK_INT(counts.articles_added, 3);
    CHECK_INT(counts.customers, 2);
    CHECK_INT(counts.customers_added, 1);
    CHECK_INT(counts.nameless, 2);

    CHECK_INT(place_sql(db, "SELECT total_minor FROM orders WHERE id = 1"), 1300);
    CHECK_INT(place_sql(db, "SELECT count(*) FROM orders WHERE status = 'imported'"), 3);
    CHECK_INT(place_sql(db, "SELECT created_ns / 1000000000 FROM orders WHERE id = 1"), 1291191960);
    CHECK_INT(place_sql(db, "SELECT count(*) FROM users WHERE name = 'Customer 17' AND password IS NULL"), 1);
    CHECK_INT(place_sql(db, "SELECT buyer_id FROM orders WHERE id = 2"),
              place_sql(db, "SELECT id FROM users WHERE name = 'Guest'"));
    /* The newest title and price hold, an order keeps its own; the stock is the largest quantity of one line. */
    CHECK_INT(place_sql(db, "SELECT price_minor FROM products WHERE title = 'RED LAMP LARGE'"), 160);
    CHECK_INT(place_sql(db, "SELECT stock FROM products WHERE title = 'RED LAMP LARGE'"), 5);
    CHECK_INT(place_sql(db, "SELECT count(*) FROM order_lines WHERE title = 'Red lamp'"), 2);
    CHECK_INT(place_sql(db, "SELECT withdrawn FROM products WHERE title = 'Postage'"), 1);
    place_remove();
}

static const char everything[] = "SELECT (SELECT count(*) FROM orders) + 1000 * (SELECT sum(total_minor) FROM orders)"
                                 " + 7 * (SELECT count(*) FROM order_lines) + 11 * (SELECT count(*) FROM users)"
                                 " + 13 * (SELECT sum(stock + price_minor) FROM products)";

TASK_TEST(test_import_adds_nothing_twice) {
    begin();
    CHECK_INT(import_text(small), 0);
    int64_t before = place_sql(db, everything);
    CHECK_INT(import_text(small), 0);
    CHECK_INT(counts.lines, 8);
    CHECK_INT(counts.lines_added + counts.orders_added + counts.articles_added + counts.customers_added, 0);
    CHECK_INT(counts.lines_there, 5);
    CHECK_INT(counts.orders_there, 3);
    CHECK_INT(counts.articles_there, 3);
    CHECK_INT(counts.customers_there, 1);
    CHECK_INT(counts.invoices, 5);
    CHECK_INT(counts.articles, 4);
    CHECK_INT(place_sql(db, everything), before);
    place_remove();
}

TASK_TEST(test_import_goes_on_with_an_invoice_that_is_split) {
    begin();
    CHECK_INT(import_text(HEADER "1,A,x,1" WHEN "1,,UK\n2,A,x,1" WHEN "1,,UK\n1,A,x,1" WHEN "1,,UK\n1,B,y,1" WHEN
                                 "1,,UK\n"),
              0);
    CHECK_INT(counts.invoices, 2);
    CHECK_INT(counts.orders_added, 2);
    CHECK_INT(place_sql(db, "SELECT total_minor FROM orders WHERE id = 1"), 300);
    CHECK_INT(import_it(), 0);
    CHECK_INT(counts.lines_added, 0);
    CHECK_INT(counts.lines_there, 4);
    place_remove();
}

TASK_TEST(test_import_adds_what_a_longer_file_has_more) {
    begin();
    CHECK_INT(import_text(HEADER "1,A,x,1" WHEN "1,,UK\n1,A,x,1" WHEN "1,,UK\n"), 0);
    CHECK_INT(import_text(HEADER "1,A,x,1" WHEN "1,,UK\n1,A,x,1" WHEN "1,,UK\n1,B,y,1" WHEN "2,,UK\n9,B,y,1" WHEN
                                 "2,,UK\n"),
              0);
    CHECK_INT(counts.lines_added, 2);
    CHECK_INT(counts.orders_added, 1);
    CHECK_INT(counts.orders_there, 1);
    CHECK_INT(place_sql(db, "SELECT total_minor FROM orders WHERE id = 1"), 400);
    place_remove();
}

TASK_TEST(test_import_takes_no_account_that_is_somebodys) {
    begin();
    struct db *early;
    CHECK_INT(db_open(&early, db, DB_WRITER), 0);
    CHECK_INT(db_close(early), 0);
    place_sql(db, "INSERT INTO users (name, password, created_ns) VALUES ('online retail', 'h', 1), ('CUSTOMER 17', "
                  "'h', 1),"
                  " ('guest', 'h', 1)");
    CHECK_INT(import_text(small), 0);
    CHECK_INT(place_sql(db,
                        "SELECT count(*) FROM products JOIN users ON users.id = seller_id WHERE password IS NOT NULL"),
              0);
    CHECK_INT(place_sql(db, "SELECT count(*) FROM orders JOIN users ON users.id = buyer_id WHERE password IS NOT NULL"),
              0);
    CHECK_INT(place_sql(db, "SELECT count(*) FROM users WHERE name IN ('Online Retail (2)', 'Customer 17 (2)', 'Guest "
                            "(2)')"),
              3);
    place_remove();
}

/* ---- Large files, in plain and in gzip --------------------------------------------------------------------------- */

enum { MANY = 20000 };

/** Invoices of 1, 2, ... 40 lines, so that they lie across pieces. */
static char *many_lines(size_t *ret_bytes) {
    char *text = malloc((size_t)MANY * 100);
    size_t used = (size_t)sprintf(text, HEADER);
    int invoice = 1, left = 1;
    for (int i = 0; i < MANY; i++) {
        if (left-- == 0)
            left = invoice++ % 40;
        used += (size_t)sprintf(text + used, "%d,%d,\"Article, number %d\",%d" WHEN "%d.25,%d.0,UK\n", invoice, i % 500,
                                i % 500, 1 + i % 9, 1 + i % 50, invoice % 100);
    }
    *ret_bytes = used;
    return text;
}

static void write_gzip(const char *path, const char *text, size_t bytes) {
    gzFile out = gzopen(path, "wb");
    CHECK(out != NULL);
    CHECK_INT(gzwrite(out, text, (unsigned)bytes), bytes);
    CHECK_INT(gzclose(out), Z_OK);
}

static int bound_pages(struct db *on, void *arg) { return db_set_pages_max(on, *(int64_t *)arg); }

static void check_many(void) {
    CHECK_INT(counts.lines, MANY);
    CHECK_INT(counts.lines_added + counts.lines_there, MANY);
    CHECK_INT(counts.articles, 500);
    CHECK_INT(place_sql(db, "SELECT count(*) FROM order_lines"), MANY);
    CHECK_INT(place_sql(db, "SELECT count(*) FROM orders WHERE total_minor <>"
                            " (SELECT sum(price_minor * quantity) FROM order_lines WHERE order_id = orders.id)"),
              0);
}

TASK_TEST(test_import_reads_gzip_and_plain_alike) {
    size_t bytes;
    char *text = many_lines(&bytes);
    begin();
    place_write(file, text, bytes);
    CHECK_INT(import_it(), 0);
    check_many();
    CHECK_INT(counts.lines_added, MANY);
    write_gzip(file, text, bytes);
    CHECK_INT(import_it(), 0);
    check_many();
    CHECK_INT(counts.lines_added, 0);
    free(text);
    place_remove();
}

/* Half of the file comes through a pipe and no more, so that it is in the middle when some of it is told to be in. */
static void die_in_the_middle(const struct progress *progress, void *arg) {
    (void)arg;
    if (progress->lines > MANY / 10)
        kill(getpid(), SIGKILL);
}

static int import_until_killed(void *arg) {
    struct store_options options = {.size_bytes = sizeof options, .path = db};
    struct import_options what = {.path = arg, .tell = die_in_the_middle};
    struct store *store;
    weir_duration elapsed;
    CHECK_INT(store_open(&store, &options), 0);
    return import_file(store, &what, &counts, &elapsed);
}

static int import_task(void *arg) {
    (void)arg;
    return import_it();
}

TEST(test_import_goes_on_after_a_kill) {
    size_t bytes;
    char *text = many_lines(&bytes), pipe_path[400];
    int status;
    begin();
    place_write(file, text, bytes);
    snprintf(pipe_path, sizeof pipe_path, "%s", place_file("pipe"));
    CHECK_INT(mkfifo(pipe_path, 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        weir_run(import_until_killed, pipe_path, NULL);
        _exit(1);
    }
    int fd = open(pipe_path, O_WRONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    for (size_t at = 0; at < bytes / 2;) {
        ssize_t written = write(fd, text + at, bytes / 2 - at);
        CHECK(written > 0);
        at += (size_t)written;
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(fd);
    CHECK_INT(weir_run(import_task, NULL, NULL), 0);
    check_many();
    CHECK(counts.lines_there > MANY / 10 && counts.lines_added > MANY / 10);
    free(text);
    place_remove();
}

TASK_TEST(test_import_stops_when_its_time_is_over_and_goes_on_later) {
    struct import_options what = {.path = file};
    struct store_options options = {.size_bytes = sizeof options, .path = db};
    struct store *store;
    weir_duration elapsed;
    unsigned stops = 0;
    size_t bytes;
    char *text = many_lines(&bytes);
    int rc = -ETIME;

    begin();
    place_write(file, text, bytes);
    CHECK_INT(store_open(&store, &options), 0);
    for (weir_duration span = WEIR_MS / 10; rc != 0; span *= 2, stops++) {
        weir_scope scope;
        weir_scope_open(&scope, weir_after(span));
        rc = weir_scope_close(&scope, import_file(store, &what, &counts, &elapsed));
        CHECK(rc == 0 || rc == -ETIME);
    }
    CHECK(stops > 2);
    CHECK_INT(store_close(store), 0);
    check_many();
    free(text);
    place_remove();
}

TASK_TEST(test_import_tells_a_full_disk_and_goes_on_later) {
    struct import_options what = {.path = file};
    struct store_options options = {.size_bytes = sizeof options, .path = db};
    struct store *store;
    weir_duration elapsed;
    size_t bytes;
    char *text = many_lines(&bytes);
    int64_t pages = 150;

    begin();
    place_write(file, text, bytes);
    CHECK_INT(store_open(&store, &options), 0);
    CHECK_INT(store_write(store, bound_pages, &pages), 0);
    CHECK_INT(import_file(store, &what, &counts, &elapsed), -MARKET_EDISK_FULL);
    CHECK(counts.lines > 0 && counts.lines < MANY); /* those are in */
    pages = 0;
    CHECK_INT(store_write(store, bound_pages, &pages), 0);
    uint64_t before = counts.lines;
    CHECK_INT(import_file(store, &what, &counts, &elapsed), 0);
    CHECK_INT(counts.lines_there, before);
    CHECK_INT(store_close(store), 0);
    check_many();
    free(text);
    place_remove();
}

/* ---- Files that are not what they should be ---------------------------------------------------------------------- */

static void expect_failure(int rc, int expected, const char *word) {
    CHECK_INT(rc, expected);
    CHECK_HAS(market_error_text(rc), word);
}

TASK_TEST(test_import_refuses_other_files) {
    begin();
    expect_failure(import_it(), -ENOENT, "orders.csv");
    expect_failure(import_text(""), -MARKET_EINVALID, "is empty");
    expect_failure(import_text("name,price\nlamp,1\n"), -MARKET_EINVALID, "is no order book");
    CHECK_INT(place_sql(db, "SELECT count(*) FROM imports"), 0);
    CHECK_INT(place_sql(db, "SELECT count(*) FROM users"), 0);
    snprintf(file, sizeof file, "%s", place_file(""));
    expect_failure(import_it(), -EISDIR, "is a folder");
    place_remove();
}

TASK_TEST(test_import_tells_a_damaged_gzip) {
    size_t bytes;
    char *text = many_lines(&bytes), packed[4096];
    begin();
    write_gzip(file, text, bytes);
    CHECK_INT(truncate(file, 20000), 0);
    expect_failure(import_it(), -WEIR_EEOF, "is cut short");
    CHECK_INT(truncate(file, 5), 0);
    expect_failure(import_it(), -WEIR_EEOF, "is cut short");
    write_gzip(file, text, bytes);
    FILE *out = fopen(file, "r+b");
    CHECK_INT(fseek(out, 10000, SEEK_SET), 0);
    memset(packed, 0x55, sizeof packed);
    CHECK_INT(fwrite(packed, 1, sizeof packed, out), sizeof packed);
    fclose(out);
    expect_failure(import_it(), -EBADMSG, "is damaged");
    write_gzip(file, text, bytes);
    CHECK_INT(import_it(), 0);
    check_many();
    free(text);
    place_remove();
}

/* A pipe that nobody opens for writing, and one whose writer has nothing more to say. */
REAL_TEST(test_import_from_a_silent_pipe_can_be_stopped) {
    begin();
    CHECK_INT(mkfifo(file, 0600), 0);
    for (int with_writer = 0; with_writer < 2; with_writer++) {
        weir_scope short_time;
        int writer = with_writer ? open(file, O_RDWR | O_CLOEXEC) : -1;
        if (with_writer)
            CHECK_INT(write(writer, small, sizeof small - 1), sizeof small - 1);
        weir_scope_open(&short_time, weir_after(20 * WEIR_MS));
        int rc = import_it();
        CHECK_INT(weir_scope_close(&short_time, rc), -ETIME);
        close(writer);
    }
    place_remove();
}

TEST(test_source_joins_gzip_members_and_ignores_what_follows) {
    char text[100] = "";
    struct source *source;
    uint64_t done, size;
    begin();
    write_gzip(file, "one ", 4);
    gzFile out = gzopen(file, "ab");
    CHECK_INT(gzwrite(out, "two", 3), 3);
    CHECK_INT(gzclose(out), Z_OK);
    FILE *more = fopen(file, "ab");
    CHECK_INT(fwrite("\0\0\0\0", 1, 4, more), 4);
    fclose(more);
    CHECK_INT(source_open(&source, file, NULL), 0);
    CHECK_INT(source_read(source, text, 5, NULL), 5);
    CHECK_INT(source_read(source, text + 5, 90, NULL), 2);
    CHECK_STR(text, "one two");
    CHECK_INT(source_read(source, text, 5, NULL), 0);
    source_progress(source, &done, &size);
    CHECK(done > 0 && done <= size);
    source_close(source);
    source_close(NULL);
    place_remove();
}

/* ---- Pictures of the seed ---------------------------------------------------------------------------------------- */

static struct png_colour shade(int x, int y, void *arg) {
    (void)arg;
    return (struct png_colour){(unsigned char)x, (unsigned char)y, 0};
}

static struct import_run long_run;

static int add_beyond_the_last_line(struct db *database, void *arg) {
    struct retail_line line = {.invoice = "1",
                               .article = "A",
                               .description = "x",
                               .description_bytes = 1,
                               .quantity = 1,
                               .price_minor = RETAIL_LINE_MINOR_MAX};
    (void)arg;
    int rc = import_db_begin(database, &long_run, "test", "Shop");
    for (int i = 0; rc == 0 && i < 3; i++) {
        rc = import_db_line(database, &long_run, &line, RETAIL_GOOD);
        if (i == 0)
            long_run.invoice.lines = RETAIL_LINES_MAX - 1;
    }
    return rc == 0 ? import_db_end(database, &long_run) : rc;
}

TEST(test_import_bounds_what_an_invoice_comes_to) {
    struct db *database = place_db();
    CHECK_INT(place_write_one(database, add_beyond_the_last_line, NULL), 0);
    CHECK_INT(long_run.counts.lines, 3);
    CHECK_INT(long_run.counts.lines_added, 2);
    CHECK_INT(long_run.counts.skipped[RETAIL_MALFORMED], 1);
    CHECK(RETAIL_LINES_MAX <= INT64_MAX / RETAIL_LINE_MINOR_MAX);
    CHECK_INT(db_close(database), 0);
    place_remove();
}

TEST(test_seed_pictures_are_accepted) {
    for (unsigned number = 0; number < 24; number++) {
        unsigned char *bytes;
        size_t count;
        struct picture picture;
        CHECK_INT(seed_picture_make(number, &bytes, &count), 0);
        CHECK_INT(picture_check(bytes, count, &picture), 0);
        CHECK(count < 100000);
        free(bytes);
    }
}

TEST(test_png_is_one_that_is_accepted) {
    unsigned char *bytes;
    size_t count;
    struct picture picture;
    CHECK_INT(png_make(120, 80, shade, NULL, &bytes, &count), 0);
    CHECK_INT(picture_check(bytes, count, &picture), 0);
    CHECK_INT(picture.width, 120);
    CHECK_INT(picture.height, 80);
    free(bytes);
}

/* ---- The real shop's book ---------------------------------------------------------------------------------------- */

REAL_TEST(test_import_of_a_real_order_book) {
    const char *shared = getenv("WEIR_SHARED"); /* tests run in the project's folder */
    begin();
    snprintf(file, sizeof file, "%s/data/online-retail/orders-2010-12-to-2011-08.csv.gz",
             shared == NULL ? "../shared" : shared);
    if (access(file, R_OK) < 0) {
        place_remove();
        SKIP("%s is not here", file);
    }
    CHECK_INT(import_it(), 0);
    CHECK_INT(counts.lines, 320705);
    CHECK_INT(counts.invoices, 16459);
    CHECK_INT(counts.articles, 3774);
    CHECK_INT(counts.customers, 3360);
    CHECK_INT(counts.orders_added, 12495);
    CHECK_INT(counts.lines_added, 313057);
    CHECK_INT(counts.articles_added, 3627);
    CHECK_INT(counts.customers_added, 3317);
    CHECK_INT(counts.nameless, 88652);
    CHECK_INT(counts.skipped[RETAIL_CANCELLATION], 5847);
    CHECK_INT(counts.skipped[RETAIL_NOTHING], 1161);
    CHECK_INT(counts.skipped[RETAIL_NO_QUANTITY], 195);
    CHECK_INT(counts.skipped[RETAIL_NO_PRICE], 445);
    CHECK_INT(counts.skipped[RETAIL_MALFORMED], 0);
    CHECK_INT(place_sql(db, "SELECT sum(total_minor) FROM orders"), 630482606);
    place_remove();
}
