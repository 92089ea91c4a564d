/* SPDX-License-Identifier: MIT */
/* failure.c: the table of failure.h. */
#include "market/web/failure.h"

#include "market/model.h"

#include <string.h>

/* Several codes may share a name; the first of a status speaks for the server's own answers of that status. */
static const struct failure failures[] = {
    {EINVAL, 400, "bad_request", "The request is malformed", M_ERROR_400, M_ERROR_400_TEXT, false},
    {WEIR_EPROTO, 400, "bad_request", "The request is malformed", M_ERROR_400, M_ERROR_400_TEXT, false},
    {WEIR_EEOF, 400, "truncated_body", "The body ended early", M_ERROR_400, M_ERROR_400_TEXT, false},
    {WEB_EMALFORMED_JSON, 400, "malformed_json", "The body is not JSON", M_ERROR_400, M_ERROR_400_TEXT, true},
    {WEB_EINVALID_UTF8, 400, "invalid_utf8", "The text is not UTF-8", M_ERROR_400, M_ERROR_400_TEXT, true},
    {WEB_ETOO_DEEP, 400, "too_deep", "The JSON is nested too deeply", M_ERROR_400, M_ERROR_400_TEXT, true},
    {WEB_EDUPLICATE_FIELD, 400, "duplicate_field", "A member occurs twice", M_ERROR_400, M_ERROR_400_TEXT, true},
    {WEB_EEMPTY_BODY, 400, "empty_body", "The body is missing", M_ERROR_400, M_ERROR_400_TEXT, true},
    {WEB_EKEY_REQUIRED, 400, "idempotency_key_required", "An Idempotency-Key header is required", M_ERROR_400,
     M_ERROR_400_TEXT, true},
    {WEB_EBAD_FORM, 400, "bad_form", "The form cannot be read", M_ERROR_400, M_ERROR_400_TEXT, true},
    {WEB_ELOGIN_REQUIRED, 401, "login_required", "Log in first", M_ERROR_401, M_ERROR_401_TEXT, true},
    {MARKET_EBAD_LOGIN, 401, "bad_login", "The name or the password is wrong", M_ERROR_401, M_FLAW_BAD_LOGIN, false},
    {MARKET_ENOT_YOURS, 403, "not_yours", "This belongs to somebody else", M_ERROR_403, M_ERROR_NOT_YOURS, false},
    {WEB_EFOREIGN_ORIGIN, 403, "foreign_origin", "The request comes from another site", M_ERROR_403,
     M_ERROR_ORIGIN_TEXT, true},
    {MARKET_ENOT_FOUND, 404, "not_found", "There is nothing here", M_ERROR_404, M_ERROR_404_TEXT, false},
    {WEB_EMETHOD, 405, "method_not_allowed", "This method is not allowed here", M_ERROR_405, M_ERROR_405_TEXT, false},
    {WEB_EREQUEST_TIMEOUT, 408, "request_timeout", "The request took too long to arrive", M_ERROR_408, M_ERROR_408_TEXT,
     false},
    {MARKET_ENAME_TAKEN, 409, "name_taken", "The name is taken", M_ERROR_409, M_FLAW_NAME_TAKEN, false},
    {MARKET_EOUT_OF_STOCK, 409, "out_of_stock", "There are not as many left", M_ERROR_409, M_FLAW_OUT_OF_STOCK, false},
    {MARKET_EKEY_REUSED, 409, "key_reused", "The Idempotency-Key came before with another body", M_ERROR_409,
     M_ERROR_KEY_REUSED, false},
    {WEIR_ELIMIT, 413, "body_too_large", "The body is too large", M_ERROR_413, M_ERROR_413_TEXT, false},
    {MARKET_EPICTURE_SIZE, 413, "picture_size", "The picture is larger than 5 MB", M_ERROR_413, M_ERROR_413_TEXT,
     false},
    {WEB_ETARGET_TOO_LONG, 414, "target_too_long", "The address is too long", M_ERROR_414, M_ERROR_414_TEXT, false},
    {WEB_EMEDIA_TYPE, 415, "unsupported_media_type", "A body of this type is not taken here", M_ERROR_415,
     M_ERROR_400_TEXT, true},
    {MARKET_EPICTURE_TYPE, 415, "picture_type", "The picture is neither PNG nor JPEG, or is damaged", M_ERROR_415,
     M_FLAW_PICTURE_TYPE, false},
    {WEB_EEXPECTATION, 417, "expectation_failed", "This expectation is not met here", M_ERROR_400, M_ERROR_400_TEXT,
     false},
    {MARKET_EINVALID, 422, "invalid", "A field is not acceptable", M_ERROR_422, M_ERROR_422_TEXT, true},
    {WEB_EINVALID_FIELD, 422, "invalid", "A field is not acceptable", M_ERROR_422, M_ERROR_422_TEXT, true},
    {WEB_EMISSING_FIELD, 422, "missing_field", "A field is missing", M_ERROR_422, M_ERROR_422_TEXT, true},
    {WEB_EUNKNOWN_FIELD, 422, "unknown_field", "A field is not known", M_ERROR_422, M_ERROR_422_TEXT, true},
    {WEB_EWRONG_TYPE, 422, "wrong_type", "A field has the wrong type", M_ERROR_422, M_ERROR_422_TEXT, true},
    {WEB_ENOT_AN_OBJECT, 422, "not_an_object", "The body must be a JSON object", M_ERROR_422, M_ERROR_422_TEXT, true},
    {MARKET_ETOO_MANY_LOGINS, 429, "too_many_logins", "Too many failed logins; try again later", M_ERROR_429,
     M_ERROR_429_TEXT, false},
    {WEB_EHEAD_TOO_LARGE, 431, "head_too_large", "The header block is too large", M_ERROR_431, M_ERROR_431_TEXT, false},
    {EIO, 500, "internal_error", "Something failed inside; nothing was changed", M_ERROR_500, M_ERROR_500_TEXT, false},
    {WEIR_EINDOUBT, 500, "in_doubt", "The outcome is not known; ask again with the same Idempotency-Key", M_ERROR_500,
     M_ERROR_500_TEXT, false},
    {MARKET_EBUSY, 503, "busy", "Too busy just now; try again shortly", M_ERROR_503, M_ERROR_503_TEXT, false},
    {ETIME, 503, "deadline_passed", "The answer took too long; try again shortly", M_ERROR_503, M_ERROR_503_TEXT,
     false},
    {ECANCELED, 503, "stopping", "The server is stopping; try again shortly", M_ERROR_503, M_ERROR_503_TEXT, false},
    {ENOMEM, 503, "busy", "Too busy just now; try again shortly", M_ERROR_503, M_ERROR_503_TEXT, false},
    {EAGAIN, 503, "busy", "Too busy just now; try again shortly", M_ERROR_503, M_ERROR_503_TEXT, false},
    {MARKET_EDISK_FULL, 507, "disk_full", "The server's disk is full; nothing was changed", M_ERROR_507,
     M_ERROR_507_TEXT, false},
};

enum { FAILURES = sizeof failures / sizeof failures[0] };

static const struct failure *find_code(int code) {
    for (size_t i = 0; i < FAILURES; i++)
        if (failures[i].code == code)
            return &failures[i];
    return NULL;
}

const struct failure *failure_of(int code) {
    const struct failure *failure = find_code(-code);
    return failure == NULL ? find_code(EIO) : failure;
}

const struct failure *failure_of_status(int status) {
    for (size_t i = 0; i < FAILURES; i++)
        if (failures[i].status == status)
            return &failures[i];
    return find_code(status >= 400 && status < 500 ? EINVAL : EIO);
}

const struct failure *failure_named(const char *name) {
    for (size_t i = 0; i < FAILURES; i++)
        if (strcmp(failures[i].name, name) == 0)
            return &failures[i];
    return NULL;
}

int failure_retry_after(const struct failure *failure) {
    return failure->status == 503 ? 2 : failure->status == 507 ? 60 : 0;
}

const char *failure_detail(const struct failure *failure, int code) {
    const char *text = failure->tells ? weir_error_text(code) : NULL;
    return text == NULL || text == weir_strerror(code) ? NULL : text;
}
