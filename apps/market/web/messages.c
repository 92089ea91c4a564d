/* SPDX-License-Identifier: MIT */
/* messages.c: the two columns of messages.h as tables. */
#include "market/web/messages.h"

#define ENGLISH(id, english, chinese) [id] = (english),
#define CHINESE(id, english, chinese) [id] = (chinese),

static const char *const texts[LANGUAGE_COUNT][M_COUNT] = {
    [LANGUAGE_ENGLISH] = {MESSAGES(ENGLISH)},
    [LANGUAGE_CHINESE] = {MESSAGES(CHINESE)},
};

const char *message_text(enum message message, enum language language) { return texts[language][message]; }
