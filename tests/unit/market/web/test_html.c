/* SPDX-License-Identifier: MIT */
/* test_html.c: nothing that a visitor typed becomes markup. */
#include "market/model.h"
#include "market/web/html.h"
#include "support/test.h"

#include <string.h>

static struct text out;

static const char *rendered(void) { return text_string(&out); }

TEST(test_html_printf_escapes_every_string) {
    out = text_make(1000);
    html_printf(&out, "<a title=\"%s\">%s</a> %d%% %c", "\"><script>", "Tom & 'Jerry' <b>", -5, '<');
    CHECK_STR(rendered(), "<a title=\"&quot;&gt;&lt;script&gt;\">Tom &amp; &#39;Jerry&#39; &lt;b&gt;</a> -5% &lt;");
    CHECK_INT(out.error, 0);
    text_done(&out);
}

TEST(test_html_has_no_controls_but_white_space) {
    out = text_make(1000);
    html_printf(&out, "%s", "a\001\033b\177\tc\nd");
    CHECK_STR(rendered(), "a\uFFFD\uFFFDb\uFFFD\tc\nd");
    text_done(&out);
}

TEST(test_html_printf_knows_the_numbers_it_says_it_knows) {
    out = text_make(1000);
    html_printf(&out, "%d %u %ld %lu %zu", -1, 2U, -3L, 4UL, (size_t)5);
    CHECK_STR(rendered(), "-1 2 -3 4 5");
    text_done(&out);
}

TEST(test_html_printf_refuses_other_conversions) {
    const char *unknown[] = {"%5d", "%", "%l", "%x"};

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        out = text_make(1000);
        html_printf(&out, unknown[i], 1L);
        CHECK_INT(out.error, -EINVAL);
        text_done(&out);
    }
}

TEST(test_html_highlight_marks_matches_and_escapes_the_rest) {
    out = text_make(1000);
    html_highlight(&out, "<i>\x01T\x02-light \x01holder\x02 & co");
    CHECK_STR(rendered(), "&lt;i&gt;<mark>T</mark>-light <mark>holder</mark> &amp; co");
    text_done(&out);
}

TEST(test_html_highlight_repairs_marks_that_do_not_pair) {
    out = text_make(1000);
    html_highlight(&out, "\x02"
                         "a\x01"
                         "b\x01"
                         "c");
    CHECK_STR(rendered(), "a<mark>bc</mark>");
    text_done(&out);
}

TEST(test_html_paragraphs_keep_lines_apart) {
    out = text_make(1000);
    html_paragraphs(&out, "\r\none\r\ntwo\n\n\nthree <\n");
    CHECK_STR(rendered(), "<p>one<br>two</p>\n<p>three &lt;</p>\n");
    text_done(&out);
}

TEST(test_text_past_its_bound_fails_and_stays_failed) {
    out = text_make(8);
    text_puts(&out, "12345678");
    CHECK_INT(out.error, 0);
    text_putc(&out, '9');
    CHECK_INT(out.error, -WEIR_ELIMIT);
    text_printf(&out, "%s", "");
    CHECK_INT(out.error, -WEIR_ELIMIT);
    CHECK_STR(rendered(), "12345678");
    text_clear(&out);
    text_printf(&out, "%d", 17);
    CHECK_STR(rendered(), "17");
    text_done(&out);
}

TEST(test_text_grows_to_what_it_holds) {
    out = text_make(100000);
    for (int i = 0; i < 10000; i++)
        text_printf(&out, "%04d ", i);
    CHECK_INT(out.bytes, 50000);
    CHECK_HAS(rendered(), "9998 9999 ");
    text_done(&out);
}
