/* SPDX-License-Identifier: MIT */
/* media_type.h: types of content. */
#ifndef WEIR_SRC_HTTP_MEDIA_TYPE_H
#define WEIR_SRC_HTTP_MEDIA_TYPE_H

#include "http/chars.h"

/** The type that a file's name tells by its ending; "application/octet-stream" for others. */
const char *weir__media_type_of_name(const char *name);

/** Whether a Content-Type is of this type, whatever its parameters. */
bool weir__media_type_is(struct weir__span value, const char *type);

/**
 * A parameter of a Content-Type or a Content-Disposition, without its quotes.
 * @param out  gets the value and a NUL; out_bytes long
 * @return its bytes; -ENOENT it is not there; -EINVAL malformed; -WEIR_ELIMIT it has no room
 */
int weir__media_parameter(struct weir__span value, const char *name, char *out, size_t out_bytes);

#endif
