/* SPDX-License-Identifier: MIT */
/* http1.c: whatever bytes a client may send, through every codec of the HTTP server: none may crash, none may look
 * beyond what it was given, and what is said of a message must not depend on the pieces that it came in.
 *
 * The input: a byte that chooses the size of the pieces, then what a connection receives. */
#include "http/arena.h"
#include "http/chunked.h"
#include "http/date.h"
#include "http/etag.h"
#include "http/fields.h"
#include "http/head.h"
#include "http/media_type.h"
#include "http/multipart.h"
#include "http/percent.h"
#include "http/range.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const struct weir__http_limits limits = {.head_bytes_max = 2048, .target_bytes_max = 512};

static void require(bool condition) {
    if (!condition)
        abort();
}

static bool lies_within(struct weir__span span, const char *bytes, size_t count) {
    return span.bytes == 0 || (span.at >= bytes && span.at + span.bytes <= bytes + count);
}

/* ---- Heads ------------------------------------------------------------------------------------------------------- */

static void check_field(const struct weir__http_field *field, const char *bytes, size_t count) {
    struct weir__span name = {field->name, field->name_bytes}, value = {field->value, field->value_bytes};

    require(lies_within(name, bytes, count) && lies_within(value, bytes, count));
    require(name.bytes > 0 && weir__span_is_all(name, WEIR__CHAR_TOKEN));
    require(weir__span_is_all(value, WEIR__CHAR_VALUE));
    require(value.bytes == 0 || (value.at[0] != ' ' && value.at[value.bytes - 1] != ' '));
}

/* What a head that was taken must be. */
static void check_head(struct weir__http_head *head, const char *bytes, size_t count) {
    struct weir__http_field *host = weir__http_head_find(head, "host", 4);

    require(head->path.bytes > 0 && (head->path.at[0] == '/' || head->path.at[0] == '*'));
    require(lies_within(head->query, bytes, count) && lies_within(head->target, bytes, count));
    require(weir__span_is_all(head->path, WEIR__CHAR_TARGET) && weir__span_is_all(head->query, WEIR__CHAR_TARGET));
    require(memmem(head->path.at, head->path.bytes, "%00", 3) == NULL);
    require(head->length >= 0 && (!head->is_chunked || head->length == 0));
    require(!head->is_chunked || weir__http_head_find(head, "content-length", 14) == NULL);
    require(head->minor == 0 || host != NULL);
    for (unsigned i = 0; i < head->fields_count; i++)
        check_field(&head->fields[i], bytes, count);
    for (unsigned i = 0, hosts = 0; i < head->fields_count; i++) {
        hosts += head->fields[i].name_bytes == 4 && weir__same_letters(head->fields[i].name, "host", 4);
        require(hosts <= 1);
    }
}

/* The verdict on a head that comes in pieces of `step` bytes: its length, 0 unfinished, or a refusal. */
static int scan_in_pieces(const char *bytes, size_t count, size_t step, struct weir__http_scan *scan) {
    *scan = (struct weir__http_scan){.line = 0};
    for (size_t come = 0;;) {
        come = count - come < step ? count : come + step;
        int rc = weir__http_head_scan(scan, bytes, come, &limits);
        if (rc != 0 || come == count)
            return rc;
    }
}

/* How long the head is; 0: there is none. */
static size_t fuzz_head(const char *bytes, size_t count, size_t step, struct weir__http_head *head) {
    struct weir__http_splitter splitter;
    struct weir__http_scan scan, other;

    int rc = scan_in_pieces(bytes, count, count + 1, &scan);
    require(scan_in_pieces(bytes, count, step, &other) == rc);
    if (rc <= 0)
        return 0;
    char *exact = malloc((size_t)rc); /* so that a look beyond it is seen */
    memcpy(exact, bytes, (size_t)rc);
    weir__http_splitter_init(&splitter);
    int parsed = weir__http_head_parse(&splitter, head, exact, (size_t)rc, &scan);
    if (parsed == 0)
        check_head(head, exact, (size_t)rc);
    free(exact);
    if (parsed < 0)
        return 0;
    require(weir__http_head_parse(&splitter, head, bytes, (size_t)rc, &scan) == 0);
    return (size_t)rc;
}

/* ---- What the fields say ----------------------------------------------------------------------------------------- */

static void fuzz_texts(struct weir__http_head *head) {
    static alignas(max_align_t) char memory[64 * 1024];
    const struct weir_http_fields *fields;
    struct weir__arena arena;
    uint64_t first, length;
    int64_t seconds;
    char out[80];

    weir__arena_init(&arena, memory, sizeof memory);
    if (head->has_query) {
        require(weir__fields_of_form(&arena, head->query, WEIR__HTTP_QUERY_FIELDS_MAX, &fields) == 0);
        require((char *)arena.at - memory <= (ptrdiff_t)weir__fields_bytes_max(head->query.bytes, 256));
    }
    for (unsigned i = 0; i < head->fields_count; i++) {
        struct weir__span value = {head->fields[i].value, head->fields[i].value_bytes};
        weir__arena_reset(&arena);
        require(weir__fields_of_cookie(&arena, value, 64, &fields) == 0 && arena.more == NULL);
        (void)weir__etag_is_listed(value, (struct weir__span){"\"a\"", 3}, WEIR__ETAG_WEAK);
        (void)weir__http_date_read(value, &seconds);
        (void)weir__media_parameter(value, "boundary", out, sizeof out);
        if (weir__range_read(value, 1000, &first, &length) == WEIR__RANGE_PART)
            require(first < 1000 && length > 0 && first + length <= 1000);
    }
    weir__arena_reset(&arena);
}

/* ---- Bodies ------------------------------------------------------------------------------------------------------ */

/* How a chunked body ends that comes in pieces; its data, summed up. */
static enum weir__chunked_event unchunk(const char *bytes, size_t count, size_t step, uint64_t *ret_sum,
                                        size_t *ret_end) {
    struct weir__chunked state = {.state = 0};
    uint64_t sum = 0;
    size_t at = 0, used;

    for (;;) {
        size_t come = count - at < step ? count - at : step;
        enum weir__chunked_event event = weir__chunked_next(&state, bytes + at, come, &used);
        require(used <= come);
        at += used;
        if (event == WEIR__CHUNKED_DATA && used < come) {
            size_t taken = come - used < state.left ? come - used : (size_t)state.left;
            for (size_t i = 0; i < taken; i++)
                sum = sum * 31 + (uint8_t)bytes[at + i];
            weir__chunked_take(&state, taken);
            at += taken;
            continue;
        }
        if (event == WEIR__CHUNKED_END || event == WEIR__CHUNKED_BAD || at == count) {
            *ret_sum = sum;
            *ret_end = event == WEIR__CHUNKED_BAD ? 0 : at;
            return event;
        }
    }
}

static void fuzz_chunked(const char *bytes, size_t count, size_t step) {
    uint64_t sum, other_sum;
    size_t end, other_end;

    enum weir__chunked_event event = unchunk(bytes, count, count + 1, &sum, &end);
    enum weir__chunked_event other = unchunk(bytes, count, step, &other_sum, &other_end);
    require((event == WEIR__CHUNKED_BAD) == (other == WEIR__CHUNKED_BAD));
    require((event == WEIR__CHUNKED_END) == (other == WEIR__CHUNKED_END));
    require(sum == other_sum && end == other_end);
}

/* The same for parts: the sum of all that is told. */
static enum weir__multipart_event unpart(const char *bytes, size_t count, size_t step, uint64_t *ret_sum) {
    static char window[WEIR__MULTIPART_WINDOW_BYTES];
    static const char type[] = "multipart/form-data; boundary=B";
    struct weir__multipart multipart;
    weir_http_part part = {"", NULL, NULL};
    size_t held = 2, at = 0, used;
    uint64_t sum = 0;

    require(weir__multipart_init(&multipart, (struct weir__span){type, sizeof type - 1}) == 0);
    memcpy(window, "\r\n", 2);
    for (;;) {
        enum weir__multipart_event event = weir__multipart_next(&multipart, window, held, &used, &part);
        require(used <= held);
        if (event == WEIR__MULTIPART_PART)
            sum = sum * 31 + strlen(part.name) + 7;
        for (size_t i = 0; event == WEIR__MULTIPART_DATA && i < used; i++)
            sum = sum * 31 + (uint8_t)window[i];
        memmove(window, window + used, held - used);
        held -= used;
        bool is_stuck = event == WEIR__MULTIPART_MORE && used == 0;
        if (event >= WEIR__MULTIPART_END || (is_stuck && at == count)) {
            *ret_sum = sum;
            return event;
        }
        if (!is_stuck)
            continue;
        size_t come = count - at < step ? count - at : step;
        come = come < sizeof window - held ? come : sizeof window - held;
        require(come > 0);
        memcpy(window + held, bytes + at, come);
        held += come;
        at += come;
    }
}

static void fuzz_multipart(const char *bytes, size_t count, size_t step) {
    uint64_t sum, other_sum;
    enum weir__multipart_event event = unpart(bytes, count, sizeof(struct weir__multipart) * 8, &sum);
    enum weir__multipart_event other = unpart(bytes, count, step, &other_sum);

    require(event == other);
    require(event == WEIR__MULTIPART_MORE || sum == other_sum); /* cut: what may begin a delimiter is held back */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    struct weir__http_head head;
    size_t step, at;

    if (bytes == 0)
        return 0;
    step = (size_t)data[0] % 64 + 1;
    const char *text = (const char *)data + 1;
    at = fuzz_head(text, bytes - 1, step, &head);
    if (at > 0)
        fuzz_texts(&head);
    fuzz_chunked(text + at, bytes - 1 - at, step);
    fuzz_multipart(text + at, bytes - 1 - at, step);
    return 0;
}
