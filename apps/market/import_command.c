/* SPDX-License-Identifier: MIT */
/* import_command.c: `market import`: arguments, the progress bar, the summary, the words for what went wrong. */
#include "market/commands.h"
#include "market/import.h"
#include "market/number.h"

#include "weir/weir.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usage[] = "usage: market import FILE [--db FILE]\n"
                            "\n"
                            "Reads the order lines of a shop (CSV, plain or gzip) into catalogue, customers and "
                            "orders. What is there already is\n"
                            "not added again; so after a stop, run it again. The columns are\n"
                            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country.\n"
                            "\n"
                            "  --db FILE  the database; " MARKET_DB_DEFAULT " unless given\n";

struct command {
    const char *path, *db;
    bool terminal;
    int told; /* the last percentage on its own line */
    struct import_counts counts;
    weir_duration elapsed;
};

static int complain(const char *what, const char *value) {
    fprintf(stderr, "market import: %s%s%s\n", what, value == NULL ? "" : ": ", value == NULL ? "" : value);
    return 2;
}

/** @return 0 go on; 1 help was asked for; 2 wrong */
static int parse(struct command *command, int argc, char **argv) {
    static const struct option known[] = {{"help", no_argument, NULL, 'h'}, {"db", required_argument, NULL, 'd'}, {0}};
    int found;

    opterr = 0;
    while ((found = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
        if (found == 'h')
            return 1;
        if (found != 'd')
            return complain(found == ':' ? "this option wants a value" : "there is no such option", argv[optind - 1]);
        if (*optarg == '\0')
            return complain("--db wants a file", NULL);
        command->db = optarg;
    }
    if (optind == argc)
        return complain("which file?", NULL);
    if (argc - optind > 1)
        return complain("one file at a time, so this is one too many", argv[optind + 1]);
    command->path = argv[optind];
    return 0;
}

/** On a terminal one line that changes; else a line for every tenth. */
static void tell(const struct progress *progress, void *arg) {
    struct command *command = arg;
    char text[PROGRESS_BYTES];

    if (command->terminal) {
        fprintf(stderr, "\r%s\x1b[K", progress_bar(progress, text));
    } else if (progress_percent(progress) / 10 > command->told / 10) {
        command->told = progress_percent(progress);
        fprintf(stderr, "%s\n", progress_plain(progress, text));
    }
}

static int import_task(void *arg) {
    struct command *command = arg;
    struct store_options store_options = {.size_bytes = sizeof store_options, .path = command->db};
    struct import_options import_options = {.path = command->path, .tell = tell, .arg = command};
    struct store *store;

    int rc = store_open(&store, &store_options);
    if (rc < 0)
        return rc;
    rc = import_file(store, &import_options, &command->counts, &command->elapsed);
    int closed = store_close(store);
    return rc < 0 ? rc : closed;
}

/* ---- The summary ------------------------------------------------------------------------------------------------- */

static void print_row(const char *name, uint64_t number, const char *what, uint64_t added, uint64_t there) {
    char a[NUMBER_TEXT_BYTES], b[NUMBER_TEXT_BYTES], c[NUMBER_TEXT_BYTES];
    printf("%-12s%10s   %-10s%10s new %10s already there\n", name, number_format(a, number), what,
           number_format(b, added), number_format(c, there));
}

static void print_summary(const struct command *command) {
    const struct import_counts *counts = &command->counts;
    char number[NUMBER_TEXT_BYTES], speed[NUMBER_TEXT_BYTES];
    double seconds = (double)command->elapsed / (double)WEIR_SEC;
    uint64_t skipped = 0;

    for (int reason = RETAIL_GOOD + 1; reason < RETAIL_REASONS; reason++)
        skipped += counts->skipped[reason];
    printf("%s lines of %s in %.1f s (%s/s)\n\n", number_format(number, counts->lines), command->path, seconds,
           number_format(speed, seconds > 0 ? (uint64_t)((double)counts->lines / seconds) : 0));
    print_row("lines", counts->lines, "in orders", counts->lines_added, counts->lines_there);
    print_row("invoices", counts->invoices, "orders", counts->orders_added, counts->orders_there);
    print_row("articles", counts->articles, "catalogue", counts->articles_added, counts->articles_there);
    print_row("customers", counts->customers, "people", counts->customers_added, counts->customers_there);
    printf("%-12s%10s\n", "skipped", number_format(number, skipped));
    for (enum retail_reason reason = RETAIL_GOOD + 1; reason < RETAIL_REASONS; reason++)
        printf("%22s   %s\n", number_format(number, counts->skipped[reason]), retail_reason_name(reason));
    printf("%-12s%10s   (their orders are those of a guest)\n", "no customer", number_format(number, counts->nameless));
}

static int fail(const struct command *command, int rc) {
    char number[NUMBER_TEXT_BYTES];

    fprintf(stderr, "market import: %s\n", market_error_text(rc));
    if (command->counts.lines > 0)
        fprintf(stderr, "The first %s lines are in; run it again and it goes on from there.\n",
                number_format(number, command->counts.lines));
    return 1;
}

int market_import(int argc, char **argv) {
    struct command command = {.db = MARKET_DB_DEFAULT, .terminal = isatty(STDERR_FILENO)};
    weir_run_options options = {.size_bytes = sizeof options, .stop_on_signals = true};

    int status = parse(&command, argc, argv);
    if (status != 0) {
        fputs(usage, status == 1 ? stdout : stderr);
        return status == 1 ? 0 : 2;
    }
    int rc = weir_run(import_task, &command, &options);
    if (command.terminal)
        fputc('\n', stderr);
    if (rc < 0)
        return fail(&command, rc);
    print_summary(&command);
    return 0;
}
