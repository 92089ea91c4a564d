/* SPDX-License-Identifier: MIT */
/* status.c: reason phrases of RFC 9110, 6585 and 8470, and what a failure means to a client. */
#include "http/status.h"

#include "weir/base.h"

static const char *const successes[] = {
    "OK", "Created", "Accepted", "Non-Authoritative Information", "No Content", "Reset Content", "Partial Content",
};
static const char *const redirections[] = {
    "Multiple Choices",   "Moved Permanently",  "Found", "See Other", "Not Modified", "Use Proxy", "Redirection",
    "Temporary Redirect", "Permanent Redirect",
};
static const char *const client_errors[] = {
    "Bad Request",
    "Unauthorized",
    "Payment Required",
    "Forbidden",
    "Not Found",
    "Method Not Allowed",
    "Not Acceptable",
    "Proxy Authentication Required",
    "Request Timeout",
    "Conflict",
    "Gone",
    "Length Required",
    "Precondition Failed",
    "Content Too Large",
    "URI Too Long",
    "Unsupported Media Type",
    "Range Not Satisfiable",
    "Expectation Failed",
    "I'm a teapot",
    "Client Error",
    "Client Error",
    "Misdirected Request",
    "Unprocessable Content",
    "Locked",
    "Failed Dependency",
    "Too Early",
    "Upgrade Required",
    "Client Error",
    "Precondition Required",
    "Too Many Requests",
    "Client Error",
    "Request Header Fields Too Large",
};
static const char *const server_errors[] = {
    "Internal Server Error", "Not Implemented", "Bad Gateway",
    "Service Unavailable",   "Gateway Timeout", "HTTP Version Not Supported",
};

#define COUNT(names) (int)(sizeof(names) / sizeof(names)[0])

const char *weir__http_status_text(int status) {
    int number = status % 100;

    switch (status / 100) {
    case 1:
        return number == 0 ? "Continue" : "Informational";
    case 2:
        return number < COUNT(successes) ? successes[number] : "Success";
    case 3:
        return number < COUNT(redirections) ? redirections[number] : "Redirection";
    case 4:
        return number < COUNT(client_errors) ? client_errors[number] : "Client Error";
    default:
        return number < COUNT(server_errors) ? server_errors[number] : "Server Error";
    }
}

int weir__http_status_of_code(int code) {
    switch (code) {
    case -EINVAL:
    case -WEIR_EPROTO:
    case -WEIR_EEOF:
        return 400;
    case -ETIMEDOUT:
        return 408;
    case -WEIR_ELIMIT:
        return 413;
    case -EMEDIUMTYPE:
        return 415;
    case -ETIME:
    case -EAGAIN: /* shortages, which pass */
    case -EMFILE:
    case -ENFILE:
    case -ENOBUFS:
    case -ENOMEM:
        return 503;
    default:
        return 500;
    }
}
