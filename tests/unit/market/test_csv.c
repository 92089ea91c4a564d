/* SPDX-License-Identifier: MIT */
#include "market/csv.h"

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Read a whole text in pieces of `step` bytes, and write down what came: "1:a|b 2:!quote". */
static const char *read_in(const char *text, size_t bytes, size_t step) {
    static char heard[1 << 21];
    static const char *const flaws[] = {"", "!long", "!fields", "!quote"};
    struct csv *csv = calloc(1, sizeof *csv);
    struct csv_record record;
    size_t used = 0, at = 0;
    bool over = false;

    heard[0] = '\0';
    while (!over) {
        size_t piece = bytes - at < step ? bytes - at : step;
        over = at + piece == bytes;
        for (size_t taken = 0; taken < piece || over;) {
            size_t more = csv_feed(csv, text + at + taken, piece - taken, over);
            CHECK(more > 0 || taken == piece);
            taken += more;
            while (csv_next(csv, &record)) {
                used += (size_t)snprintf(heard + used, sizeof heard - used, "%s%llu:%s", used == 0 ? "" : " ",
                                         (unsigned long long)record.line, flaws[record.flaw]);
                for (unsigned i = 0; i < record.count; i++) {
                    CHECK_INT(record.fields[i].text[record.fields[i].bytes], '\0');
                    used += (size_t)snprintf(heard + used, sizeof heard - used, "%s%s", i == 0 ? "" : "|",
                                             record.fields[i].text);
                }
                CHECK(used < sizeof heard - 1000);
            }
            if (taken == piece)
                break;
        }
        at += piece;
    }
    free(csv);
    return heard;
}

static void expect(const char *text, const char *expected) {
    for (size_t step = 1; step <= strlen(text) + 1; step++)
        CHECK_STR(read_in(text, strlen(text), step), expected);
}

TEST(test_csv_reads_plain_fields) {
    expect("a,b,c\n1,,3\n", "1:a|b|c 2:1||3");
    expect("a,b\r\nc,d\r\n", "1:a|b 2:c|d");
    expect("no line end", "1:no line end");
    expect("a,b\r", "1:a|b");
    expect(",\n", "1:|");
    expect("", "");
}

TEST(test_csv_reads_quoted_fields) {
    expect("\"a\",\"b,c\",\"d\"\"e\"\n", "1:a|b,c|d\"e");
    expect("\"\",x\n", "1:|x");
    expect("\"two\nlines\",x\nnext\n", "1:two\nlines|x 3:next");
    expect("x,\"last\"", "1:x|last");
    expect("\"a\"\r\n\"b\"\r", "1:a 2:b");
    expect("\"\"\"\"\n", "1:\"");
}

TEST(test_csv_passes_over_empty_lines_and_a_byte_order_mark) {
    expect("\xEF\xBB\xBF"
           "a\n\n\r\nb\n\n",
           "1:a 4:b");
    expect("\xEF\xBB", "1:\xEF\xBB");
}

TEST(test_csv_gives_up_an_unsound_record_alone) {
    expect("a 7\" frame,1\nb,2\n", "1:!quote 2:b|2");
    expect("\"a\"x,1\nb,2\n", "1:!quote 2:b|2");
    expect("\"a\"\rx\nb\n", "1:!quote 2:b");
    expect("\"a\"\r,x\nb\n", "1:!quote 2:b");
    expect("ok\n\"never closed,1\nb,2\n", "1:ok 2:!quote 3:b|2");
}

TEST(test_csv_goes_on_behind_the_first_line_of_a_stray_quote) {
    /* The second quote closes what the first one opened, so that the flaw shows only there, a line further on. */
    expect("x,\"open,1\ny,close\"z,2\nb,3\n", "1:!quote 2:!quote 3:b|3");
}

TEST(test_csv_bounds_the_fields) {
    char text[200] = "";
    for (int i = 0; i < CSV_FIELDS_MAX - 1; i++)
        strcat(text, "x,");
    strcat(text, "x\nnext\n");
    CHECK_HAS(read_in(text, strlen(text), 7), "x|x|x 2:next");
    memmove(text + 2, text, strlen(text) + 1);
    memcpy(text, "y,", 2);
    CHECK_STR(read_in(text, strlen(text), 7), "1:!fields 2:next");
}

TEST(test_csv_bounds_a_record) {
    size_t bytes = 1000 * 1000;
    char *text = malloc(bytes);
    memset(text, 'x', bytes);
    memcpy(text + bytes - 6, "\nnext\n", 6);
    CHECK_STR(read_in(text, bytes, 4096), "1:!long 2:next");
    CHECK_STR(read_in(text, bytes, bytes), "1:!long 2:next");

    /* A quote that is never closed must not swallow the file. */
    memset(text, 'x', bytes);
    memcpy(text, "a,\"b\nc\n", 7);
    for (size_t i = 100; i < bytes; i += 100)
        text[i] = '\n';
    memcpy(text + bytes - 6, "\nlast\n", 6);
    const char *heard = read_in(text, bytes, 4096);
    CHECK_HAS(heard, "1:!long 2:c 3:xxx");
    CHECK_HAS(heard, ":last");

    memset(text, 'x', CSV_RECORD_BYTES_MAX + 1);
    text[CSV_RECORD_BYTES_MAX] = '\n'; /* with it one too many */
    CHECK_STR(read_in(text, CSV_RECORD_BYTES_MAX + 1, 999), "1:!long");
    free(text);
}

TEST(test_csv_keeps_a_nul_inside_a_field) {
    static const char text[] = "a\0b,c\n";
    struct csv *csv = calloc(1, sizeof *csv);
    struct csv_record record;
    CHECK_INT(csv_feed(csv, text, sizeof text - 1, true), sizeof text - 1);
    CHECK(csv_next(csv, &record));
    CHECK_INT(record.fields[0].bytes, 3);
    CHECK_STR(record.fields[1].text, "c");
    free(csv);
}

TEST(test_csv_survives_noise) {
    uint64_t state = test_seed() | 1;
    static const char letters[] = "ab,,,\"\"\n\n\r\0";
    for (unsigned round = 0; round < test_scaled(3000); round++) {
        char text[300], in_one[65536];
        for (size_t i = 0; i < sizeof text; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            text[i] = letters[(state >> 33) % sizeof letters];
        }
        strcpy(in_one, read_in(text, sizeof text, sizeof text));
        CHECK_STR(read_in(text, sizeof text, 1 + round % 40), in_one);
    }
}
