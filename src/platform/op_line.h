/* SPDX-License-Identifier: MIT */
/* op_line.h: ops in a row, by their own links; how platforms keep those that wait and those that have ended. */
#ifndef WEIR_SRC_PLATFORM_OP_LINE_H
#define WEIR_SRC_PLATFORM_OP_LINE_H

#include "platform/platform.h"

struct weir__op_line {
    struct weir__op *first, *last;
};

static inline void weir__op_line_append(struct weir__op_line *line, struct weir__op *op) {
    op->next = NULL;
    op->prev = line->last;
    if (line->last != NULL)
        line->last->next = op;
    else
        line->first = op;
    line->last = op;
}

static inline void weir__op_line_remove(struct weir__op_line *line, struct weir__op *op) {
    if (op->prev != NULL)
        op->prev->next = op->next;
    else
        line->first = op->next;
    if (op->next != NULL)
        op->next->prev = op->prev;
    else
        line->last = op->prev;
}

#endif
