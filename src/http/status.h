/* SPDX-License-Identifier: MIT */
/* status.h: what a status is called. */
#ifndef WEIR_SRC_HTTP_STATUS_H
#define WEIR_SRC_HTTP_STATUS_H

/** "Not Found"; of one without a name of its own, that of its class. 100 to 599. */
const char *weir__http_status_text(int status);

/** The status that answers a handler's negative code. */
int weir__http_status_of_code(int code);

#endif
