/* SPDX-License-Identifier: MIT */
/* csv.c: read records of comma-separated values.
 * Invariant: `at` stands on the first byte of a record (or, while skipping, inside one that was given up). A record is
 * first measured and judged, and only then cut into fields in place; so one that is not sound is still whole, and the
 * reader goes on behind its first line, even where a stray quote seemed to reach over many. */
#include "market/csv.h"

#include <string.h>

size_t csv_feed(struct csv *csv, const char *bytes, size_t count, bool is_last) {
    if (csv->at > 0) {
        memmove(csv->buffer, csv->buffer + csv->at, csv->end - csv->at);
        csv->end -= csv->at;
        csv->at = 0;
    }
    size_t room = CSV_BUFFER_BYTES - csv->end;
    size_t taken = count < room ? count : room;
    if (taken > 0)
        memcpy(csv->buffer + csv->end, bytes, taken);
    csv->end += taken;
    csv->is_last = is_last && taken == count;
    return taken;
}

/** Pass over a byte order mark. @return false: more bytes are needed to tell */
static bool begin(struct csv *csv) {
    static const char mark[] = "\xEF\xBB\xBF";
    size_t bytes = csv->end - csv->at;

    if (bytes < 3 && !csv->is_last)
        return false;
    if (bytes >= 3 && memcmp(csv->buffer + csv->at, mark, 3) == 0)
        csv->at += 3;
    csv->begun = true;
    return true;
}

/** Go behind the next line end. @return false: there is none yet (at the end of the input: there is none) */
static bool skip_line(struct csv *csv) {
    const char *start = csv->buffer + csv->at;
    const char *line_end = memchr(start, '\n', csv->end - csv->at);

    if (line_end == NULL) {
        csv->at = csv->end;
        return false;
    }
    csv->at += (size_t)(line_end - start) + 1;
    csv->lines++;
    return true;
}

/** A record that was measured. */
struct extent {
    size_t end;  /* behind its line end */
    size_t text; /* before its line end */
    uint64_t lines;
    enum csv_flaw flaw;
};

enum place { FIELD_START, BARE, QUOTED, BEHIND_QUOTE, BEHIND_RETURN };

/** One byte further in the grammar. A quote in a bare field and text behind a closing quote are flaws. */
static enum csv_flaw step(enum place *place, char c) {
    if (*place == QUOTED) {
        if (c == '"')
            *place = BEHIND_QUOTE; /* or a doubled quote: then the next one leads back */
        return CSV_SOUND;
    }
    if (c == '"') {
        if (*place == BARE || *place == BEHIND_RETURN)
            return CSV_BAD_QUOTE;
        *place = QUOTED;
        return CSV_SOUND;
    }
    if (*place == BEHIND_RETURN || (*place == BEHIND_QUOTE && c != ',' && c != '\r'))
        return CSV_BAD_QUOTE;
    if (*place == BEHIND_QUOTE && c == '\r')
        *place = BEHIND_RETURN; /* only a line feed may follow */
    else if (c == ',')
        *place = FIELD_START;
    else if (*place == FIELD_START)
        *place = BARE;
    return CSV_SOUND;
}

/** Find the end of the record at `at`, or its first flaw. @return false: it is not there yet */
static bool measure(const struct csv *csv, struct extent *ret_extent) {
    struct extent extent = {.flaw = CSV_SOUND};
    enum place place = FIELD_START;
    unsigned commas = 0;
    size_t i = csv->at;

    for (; i < csv->end && extent.flaw == CSV_SOUND; i++) {
        char c = csv->buffer[i];
        extent.lines += c == '\n';
        if (c == '\n' && place != QUOTED) {
            bool crlf = i > csv->at && csv->buffer[i - 1] == '\r';
            extent.text = crlf ? i - 1 : i;
            extent.end = i + 1;
            *ret_extent = extent;
            return true;
        }
        commas += c == ',' && place != QUOTED;
        extent.flaw = commas < CSV_FIELDS_MAX ? step(&place, c) : CSV_TOO_MANY_FIELDS;
    }
    if (extent.flaw == CSV_SOUND && (!csv->is_last || csv->at == csv->end))
        return false;
    if (extent.flaw == CSV_SOUND && place == QUOTED)
        extent.flaw = CSV_BAD_QUOTE; /* the input ended inside */
    extent.end = extent.text = csv->end;
    if (place != QUOTED && csv->end > csv->at && csv->buffer[csv->end - 1] == '\r')
        extent.text--;
    *ret_extent = extent;
    return true;
}

/** Cut a quoted field at `at` (on its quote) in place. @return where it ends: a comma, or `end` */
static size_t cut_quoted(char *buffer, size_t at, size_t end, struct csv_field *ret_field) {
    size_t from = at + 1, to = from;

    for (; from < end; from++, to++) {
        if (buffer[from] == '"' && (++from == end || buffer[from] != '"'))
            break;
        buffer[to] = buffer[from];
    }
    buffer[to] = '\0'; /* on its own closing quote, or before it */
    *ret_field = (struct csv_field){.text = buffer + at + 1, .bytes = to - at - 1};
    return from;
}

static size_t cut_bare(char *buffer, size_t at, size_t end, struct csv_field *ret_field) {
    char *comma = memchr(buffer + at, ',', end - at);
    size_t to = comma == NULL ? end : (size_t)(comma - buffer);
    *ret_field = (struct csv_field){.text = buffer + at, .bytes = to - at};
    return to;
}

/** Cut a sound record into fields. */
static void cut(struct csv *csv, size_t end, struct csv_record *record) {
    char *buffer = csv->buffer;
    size_t at = csv->at;

    for (bool more = true; more; at++) {
        struct csv_field *field = &record->fields[record->count++];
        bool quoted = at < end && buffer[at] == '"';
        at = quoted ? cut_quoted(buffer, at, end, field) : cut_bare(buffer, at, end, field);
        more = at < end;
        buffer[at] = '\0'; /* on the comma or the line end; behind the buffer there is room for one */
    }
}

/** Give up the record at `at`, and go on behind its first line. */
static void give_up(struct csv *csv, struct csv_record *record, enum csv_flaw flaw) {
    record->flaw = flaw;
    csv->skipping = !skip_line(csv);
}

bool csv_next(struct csv *csv, struct csv_record *ret_record) {
    struct extent extent;

    if (!csv->begun && !begin(csv))
        return false;
    if (csv->skipping)
        csv->skipping = !skip_line(csv);
    if (csv->skipping)
        return false;
    for (;;) {
        ret_record->line = csv->lines + 1;
        ret_record->flaw = CSV_SOUND;
        ret_record->count = 0;
        bool found = measure(csv, &extent);
        size_t bytes = (found ? extent.end : csv->end) - csv->at;
        if (!found && bytes <= CSV_RECORD_BYTES_MAX)
            return false;
        if (found && extent.flaw != CSV_SOUND) {
            give_up(csv, ret_record, extent.flaw);
            return true;
        }
        if (bytes > CSV_RECORD_BYTES_MAX) {
            give_up(csv, ret_record, CSV_TOO_LONG);
            return true;
        }
        if (extent.text > csv->at)
            break;
        csv->at = extent.end; /* an empty line */
        csv->lines += extent.lines;
    }
    cut(csv, extent.text, ret_record);
    csv->at = extent.end;
    csv->lines += extent.lines;
    return true;
}
