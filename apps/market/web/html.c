/* SPDX-License-Identifier: MIT */
/* html.c: escaping, and the small printf of templates. */
#include "market/web/html.h"

#include "market/model.h"

#include <string.h>

/* HTML has no controls but these; what a visitor types may hold others. */
static bool is_control(char byte) {
    return ((unsigned char)byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
}

void html_escape(struct text *out, const char *data, size_t bytes) {
    size_t start = 0;

    for (size_t i = 0; i < bytes; i++) {
        const char *entity = NULL;
        switch (data[i]) {
        case '&':
            entity = "&amp;";
            break;
        case '<':
            entity = "&lt;";
            break;
        case '>':
            entity = "&gt;";
            break;
        case '"':
            entity = "&quot;";
            break;
        case '\'':
            entity = "&#39;";
            break;
        default:
            if (!is_control(data[i]))
                continue;
            entity = "\uFFFD";
        }
        text_append(out, data + start, i - start);
        text_puts(out, entity);
        start = i + 1;
    }
    text_append(out, data + start, bytes - start);
}

/* One conversion, the '%' behind us. Returns what follows it. */
static const char *convert(struct text *out, const char *format, va_list *args) {
    const char *string;
    char byte;

    switch (*format) {
    case '%':
        text_putc(out, '%');
        return format + 1;
    case 's':
        string = va_arg(*args, const char *);
        html_escape(out, string, strlen(string));
        return format + 1;
    case 'c':
        byte = (char)va_arg(*args, int);
        html_escape(out, &byte, 1);
        return format + 1;
    case 'd':
        text_printf(out, "%d", va_arg(*args, int));
        return format + 1;
    case 'u':
        text_printf(out, "%u", va_arg(*args, unsigned));
        return format + 1;
    default:
        break;
    }
    if (format[0] == 'l' && format[1] == 'd')
        text_printf(out, "%ld", va_arg(*args, long));
    else if (format[0] == 'l' && format[1] == 'u')
        text_printf(out, "%lu", va_arg(*args, unsigned long));
    else if (format[0] == 'z' && format[1] == 'u')
        text_printf(out, "%zu", va_arg(*args, size_t));
    else
        out->error = -EINVAL; /* a slip in a template: the page fails as a whole, and its test with it */
    return format + (format[0] == '\0' ? 0 : format[1] == '\0' ? 1 : 2);
}

void html_printf(struct text *out, const char *format, ...) {
    const char *percent;
    va_list args;

    va_start(args, format);
    while ((percent = strchr(format, '%')) != NULL) {
        text_append(out, format, (size_t)(percent - format));
        format = convert(out, percent + 1, &args);
    }
    text_puts(out, format);
    va_end(args);
}

void html_highlight(struct text *out, const char *text) {
    static const char marks[] = {MARKET_MARK_OPEN, MARKET_MARK_CLOSE, '\0'};
    bool is_open = false;

    for (;;) {
        size_t plain = strcspn(text, marks);
        html_escape(out, text, plain);
        text += plain;
        if (*text == '\0')
            break;
        bool opens = *text == MARKET_MARK_OPEN;
        if (opens != is_open)
            text_puts(out, opens ? "<mark>" : "</mark>");
        is_open = opens;
        text++;
    }
    if (is_open)
        text_puts(out, "</mark>");
}

void html_paragraphs(struct text *out, const char *text) {
    text += strspn(text, "\r\n");
    while (*text != '\0') {
        text_puts(out, "<p>");
        for (;;) {
            size_t line = strcspn(text, "\r\n");
            html_escape(out, text, line);
            text += line;
            size_t breaks = 0;
            for (; *text == '\r' || *text == '\n'; text++)
                breaks += *text == '\n';
            if (*text == '\0' || breaks > 1)
                break;
            text_puts(out, "<br>");
        }
        text_puts(out, "</p>\n");
    }
}
