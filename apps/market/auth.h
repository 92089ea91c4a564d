/* SPDX-License-Identifier: MIT */
/* auth.h: accounts: who somebody is.
 *
 * Passwords are kept as Argon2id hashes, which take tens of milliseconds and 64 MiB each to compute: on a lane of their
 * own, one per core at most, behind a bounded line. Tokens are 32 random bytes; only their hash is stored.
 *
 * All but auth_new: Suspends; cancel, thread and further failures as in store.h. */
#ifndef MARKET_AUTH_H
#define MARKET_AUTH_H

#include "market/store.h"

struct auth;

/** A field left at zero takes its default. */
struct auth_options {
    size_t size_bytes;             /* sizeof(struct auth_options) */
    unsigned threads;              /* that hash passwords; default one per core */
    unsigned waiting_max;          /* calls that may wait for one; more are refused; default 64 */
    weir_duration session_time;    /* until a token expires; default 7 days */
    unsigned failures_max;         /* failed logins of one name from one peer ... default 10 */
    weir_duration failures_time;   /* ... within this time; default 10 min */
    unsigned long long pwhash_ops; /* of Argon2id; default libsodium's for interactive use */
    size_t pwhash_bytes;           /* likewise */
};

#define AUTH_TOKEN_BYTES 44 /* of the text, with its NUL: 43 characters A-Z a-z 0-9 - _ */

struct auth_session {
    char token[AUTH_TOKEN_BYTES];
    weir_wall expires;
    struct market_user user; /* name: in this block */
};

/**
 * @param store     borrowed until auth_free
 * @param options   borrowed during the call; NULL for the defaults
 * @param ret_auth  to be freed
 * @return 0; -ENOMEM, -EAGAIN. Suspends: no. Thread: a task of the store's loop.
 */
int auth_new(struct auth **ret_auth, struct store *store, const struct auth_options *options) WEIR_MUST_CHECK;

/** The line before the hashing of passwords; for /metrics. */
struct auth_stats {
    unsigned waiting, running; /* calls, now */
    uint64_t hashed;           /* passwords, since auth_new */
    uint64_t refused;          /* calls that found the line full */
};

/** Cannot fail. Suspends: no. */
void auth_get_stats(const struct auth *auth, struct auth_stats *ret_stats);

/** No task may be in a call on it. NULL is fine. Suspends: no. */
void auth_free(struct auth *auth);

/**
 * Make an account. Names that differ only in case (of ASCII letters) are the same name.
 * @param ret_user_id  > 0
 * @param ret_flaw     may be NULL; set on -MARKET_EINVALID
 * @return 0; -MARKET_EINVALID; -MARKET_ENAME_TAKEN; -MARKET_EBUSY the line is full
 */
int auth_register(struct auth *auth, const char *name, const char *password, int64_t *ret_user_id,
                  struct market_flaw *ret_flaw) WEIR_MUST_CHECK;

/**
 * Log in. An unknown name costs the same work as a wrong password, and answers the same.
 * @param peer         who asks, "203.0.113.7", without the port; NULL: not known
 * @param ret_session  to be given back with market_free
 * @return 0; -MARKET_EBAD_LOGIN; -MARKET_ETOO_MANY_LOGINS (auth_retry_after says how long); -MARKET_EBUSY
 */
int auth_login(struct auth *auth, const char *name, const char *password, const char *peer,
               struct auth_session **ret_session) WEIR_MUST_CHECK;

/**
 * Log in somebody of whom it is known who they are: who has just registered.
 * @param user         borrowed during the call
 * @param ret_session  as of auth_login
 * @return 0; as store_write
 */
int auth_open_session(struct auth *auth, const struct market_user *user,
                      struct auth_session **ret_session) WEIR_MUST_CHECK;

/** How long this name must wait, from this peer; 0: not at all. Suspends: no. Cannot fail. */
weir_duration auth_retry_after(struct auth *auth, const char *name, const char *peer);

/**
 * Whose token this is.
 * @param token     anything; what has not the form of a token is refused without a look into the database
 * @param ret_user  to be given back with market_free
 * @return 0; -MARKET_EBAD_LOGIN unknown or expired
 */
int auth_find(struct auth *auth, const char *token, struct market_user **ret_user) WEIR_MUST_CHECK;

/** Log out: the token is worth nothing from now on. @return 0, also when it was not worth anything before */
int auth_logout(struct auth *auth, const char *token) WEIR_MUST_CHECK;

#endif
