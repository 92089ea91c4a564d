/* SPDX-License-Identifier: MIT */
/* auth.c: accounts: who somebody is.
 * Invariant: `hashing` counts the calls that wait for a thread of the lane or have one; never more than its bound, so
 * the memory and the cores that passwords take are bounded whatever comes. */
#include "market/auth.h"

#include "market/block.h"
#include "market/logins.h"
#include "market/password.h"
#include "market/store_run.h"
#include "market/utf8.h"

#include "weir/offload.h"
#include "weir/random.h"

#include <stdlib.h>
#include <string.h>

enum { WAITING_DEFAULT = 64, FAILURES_DEFAULT = 10, THREADS_MAX = 64 };

#define SESSION_TIME_DEFAULT (7 * 24 * WEIR_HOUR)
#define FAILURES_TIME_DEFAULT (10 * WEIR_MIN)

_Static_assert(DB_PASSWORD_BYTES == PASSWORD_HASH_BYTES, "a hash is kept whole");
_Static_assert(DB_TOKEN_BYTES == PASSWORD_DIGEST_BYTES, "a digest is kept whole");

struct auth {
    struct store *store;
    struct password_cost cost;
    weir_duration session_time;
    weir_lane *lane;
    unsigned threads, hashing, hashing_max;
    uint64_t hashed, refused;
    struct logins *logins;
    unsigned char key[16]; /* of the table of logins */
};

/** What holds where an option says nothing. */
static struct auth_options fill_up(const struct auth_options *given) {
    struct auth_options options = given != NULL ? *given : (struct auth_options){.size_bytes = sizeof options};

    if (options.threads == 0)
        options.threads = store_cores();
    if (options.threads > THREADS_MAX)
        options.threads = THREADS_MAX;
    if (options.waiting_max == 0)
        options.waiting_max = WAITING_DEFAULT;
    if (options.waiting_max > UINT32_MAX - THREADS_MAX)
        options.waiting_max = UINT32_MAX - THREADS_MAX;
    if (options.session_time == 0)
        options.session_time = SESSION_TIME_DEFAULT;
    if (options.failures_max == 0)
        options.failures_max = FAILURES_DEFAULT;
    if (options.failures_time == 0)
        options.failures_time = FAILURES_TIME_DEFAULT;
    return options;
}

int auth_new(struct auth **ret_auth, struct store *store, const struct auth_options *given) {
    struct auth_options options = fill_up(given);
    struct auth *auth = calloc(1, sizeof *auth);

    if (auth == NULL)
        return -ENOMEM;
    auth->store = store;
    auth->cost = (struct password_cost){.ops = options.pwhash_ops, .bytes = options.pwhash_bytes};
    auth->session_time = options.session_time;
    auth->threads = options.threads;
    auth->hashing_max = options.threads + options.waiting_max;
    weir_random(auth->key, sizeof auth->key);
    int rc = options.size_bytes == sizeof options ? password_start() : -EINVAL;
    if (rc == 0 && (auth->logins = logins_new(options.failures_max, options.failures_time)) == NULL)
        rc = -ENOMEM;
    if (rc == 0)
        rc = weir_lane_new(&auth->lane, "passwords", options.threads, options.waiting_max);
    if (rc < 0) {
        auth_free(auth);
        return rc;
    }
    *ret_auth = auth;
    return 0;
}

void auth_free(struct auth *auth) {
    if (auth == NULL)
        return;
    weir_lane_free(auth->lane);
    logins_free(auth->logins);
    free(auth);
}

/* ---- Passwords, on threads of their own -------------------------------------------------------------------------- */

struct hashing {
    const struct password_cost *cost;
    const char *password;
    char hash[PASSWORD_HASH_BYTES]; /* to make, or to compare with; "" to compare with nobody's */
    bool matches;
};

static int make_hash(void *arg, const weir_stop *stop) {
    struct hashing *hashing = arg;
    (void)stop;
    return password_hash(hashing->password, hashing->cost, hashing->hash);
}

static int compare(void *arg, const weir_stop *stop) {
    struct hashing *hashing = arg;
    /* Where there is nobody, the same work is done for nothing: the time tells nothing about names. */
    if (hashing->hash[0] == '\0')
        return make_hash(arg, stop);
    hashing->matches = password_matches(hashing->password, hashing->hash);
    return 0;
}

static int run_hashing(struct auth *auth, weir_offload_fn *fn, struct hashing *hashing) {
    if (auth->hashing == auth->hashing_max) {
        auth->refused++;
        return weir_fail(-MARKET_EBUSY, "too many people log in or register at this moment; try again later");
    }
    auth->hashing++;
    int rc = weir_offload(auth->lane, fn, hashing);
    auth->hashing--;
    auth->hashed += rc == 0;
    return rc;
}

void auth_get_stats(const struct auth *auth, struct auth_stats *ret_stats) {
    unsigned running = auth->hashing < auth->threads ? auth->hashing : auth->threads;

    *ret_stats = (struct auth_stats){.waiting = auth->hashing - running,
                                     .running = running,
                                     .hashed = auth->hashed,
                                     .refused = auth->refused};
}

/* ---- Registering ------------------------------------------------------------------------------------------------- */

struct person {
    const char *name, *hash;
    char password[DB_PASSWORD_BYTES];
    int64_t id;
    struct market_user *user;
};

static int find_person(struct db *db, void *arg) {
    struct person *person = arg;
    return db_user_find(db, person->name, person->password, &person->user);
}

static int add_person(struct db *db, void *arg) {
    struct person *person = arg;
    return db_user_add(db, person->name, person->hash, &person->id);
}

int auth_register(struct auth *auth, const char *name, const char *password, int64_t *ret_user_id,
                  struct market_flaw *ret_flaw) {
    struct hashing hashing = {.cost = &auth->cost, .password = password};
    struct person person = {.name = name, .hash = hashing.hash};

    int rc = market_name_check(name, ret_flaw);
    if (rc == 0)
        rc = market_password_check(password, ret_flaw);
    if (rc < 0)
        return rc;
    rc = store_read(auth->store, find_person,
                    &person); /* before the costly part; who comes second is refused by it too */
    if (rc == 0) {
        market_free(person.user);
        return -MARKET_ENAME_TAKEN;
    }
    if (rc == -MARKET_ENOT_FOUND)
        rc = run_hashing(auth, make_hash, &hashing);
    if (rc == 0)
        rc = store_write(auth->store, add_person, &person);
    if (rc == 0)
        *ret_user_id = person.id;
    return rc;
}

/* ---- Tokens ------------------------------------------------------------------------------------------------------ */

enum { TOKEN_RANDOM_BYTES = 32, TOKEN_CHARS = AUTH_TOKEN_BYTES - 1 };

static const char token_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** 32 random bytes as 43 characters of 6 bits. */
static void token_make(char token[AUTH_TOKEN_BYTES]) {
    unsigned char bytes[TOKEN_RANDOM_BYTES + 1] = {0};

    weir_random(bytes, TOKEN_RANDOM_BYTES);
    for (size_t i = 0; i < TOKEN_CHARS; i++) {
        size_t bit = 6 * i;
        unsigned two = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
        token[i] = token_letters[two >> (10 - bit % 8) & 63];
    }
    token[TOKEN_CHARS] = '\0';
    password_forget(bytes, sizeof bytes);
}

static bool token_is_formed(const char *token) {
    return token != NULL && strnlen(token, AUTH_TOKEN_BYTES) == TOKEN_CHARS &&
           strspn(token, token_letters) == TOKEN_CHARS;
}

struct session_call {
    unsigned char digest[DB_TOKEN_BYTES];
    int64_t user_id;
    weir_wall now, expires;
    struct market_user *user;
};

static int add_session(struct db *db, void *arg) {
    struct session_call *call = arg;
    return db_session_add(db, call->digest, call->user_id, call->now, call->expires);
}

static int find_session(struct db *db, void *arg) {
    struct session_call *call = arg;
    return db_session_find(db, call->digest, call->now, &call->user);
}

static int remove_session(struct db *db, void *arg) {
    struct session_call *call = arg;
    return db_session_remove(db, call->digest);
}

int auth_find(struct auth *auth, const char *token, struct market_user **ret_user) {
    struct session_call call = {.now = weir_wall_now()};

    if (!token_is_formed(token))
        return -MARKET_EBAD_LOGIN;
    password_digest(token, TOKEN_CHARS, call.digest);
    int rc = store_read(auth->store, find_session, &call);
    if (rc == 0)
        *ret_user = call.user;
    return rc == -MARKET_ENOT_FOUND ? -MARKET_EBAD_LOGIN : rc;
}

int auth_logout(struct auth *auth, const char *token) {
    struct session_call call = {.user_id = 0};

    if (!token_is_formed(token))
        return 0;
    password_digest(token, TOKEN_CHARS, call.digest);
    return store_write(auth->store, remove_session, &call);
}

/* ---- Logging in -------------------------------------------------------------------------------------------------- */

static uint64_t login_key(const struct auth *auth, const char *name, const char *peer) {
    char text[4 * MARKET_NAME_CHARS_MAX + 128] = "";
    size_t used = 0, bytes = strlen(name);

    /* As names are compared: without regard to the case of ASCII letters, and to white space around. */
    name = utf8_trim(name, &bytes);
    for (; used < bytes && used < (size_t)4 * MARKET_NAME_CHARS_MAX; used++)
        text[used] = (char)(name[used] >= 'A' && name[used] <= 'Z' ? name[used] - 'A' + 'a' : name[used]);
    text[used++] = '\0';
    for (; peer != NULL && *peer != '\0' && used < sizeof text - 1; peer++)
        text[used++] = *peer;
    return password_short_digest(text, used, auth->key);
}

weir_duration auth_retry_after(struct auth *auth, const char *name, const char *peer) {
    return name == NULL ? 0 : logins_wait(auth->logins, login_key(auth, name, peer), weir_now());
}

static int check_password(struct auth *auth, struct person *person, const char *password) {
    struct hashing hashing = {.cost = &auth->cost, .password = password};

    int rc = store_read(auth->store, find_person, person);
    if (rc == 0)
        memcpy(hashing.hash, person->password, sizeof hashing.hash);
    if (rc == 0 || rc == -MARKET_ENOT_FOUND)
        rc = run_hashing(auth, compare, &hashing);
    if (rc == 0 && !hashing.matches)
        rc = -MARKET_EBAD_LOGIN;
    return rc;
}

int auth_open_session(struct auth *auth, const struct market_user *user, struct auth_session **ret_session) {
    struct session_call call = {.user_id = user->id, .now = weir_wall_now()};
    struct auth_session *session = block_new(sizeof *session);

    if (session == NULL || (session->user.name = block_text(session, user->name, strlen(user->name))) == NULL) {
        market_free(session);
        return -ENOMEM;
    }
    session->user.id = user->id;
    session->expires = call.expires = (weir_wall){call.now.ns + auth->session_time};
    token_make(session->token);
    password_digest(session->token, TOKEN_CHARS, call.digest);
    int rc = store_write(auth->store, add_session, &call);
    if (rc < 0)
        market_free(session);
    else
        *ret_session = session;
    return rc;
}

int auth_login(struct auth *auth, const char *name, const char *password, const char *peer,
               struct auth_session **ret_session) {
    struct person person = {.name = name};

    /* What can be nobody's name or password needs no work to be refused: its form tells nothing. */
    if (market_name_check(name, NULL) < 0 || market_password_check(password, NULL) < 0)
        return -MARKET_EBAD_LOGIN;
    uint64_t key = login_key(auth, name, peer);
    if (logins_wait(auth->logins, key, weir_now()) > 0)
        return -MARKET_ETOO_MANY_LOGINS;

    logins_begin(auth->logins, key, weir_now());
    int rc = check_password(auth, &person, password);
    if (rc == 0)
        logins_forgive(auth->logins, key);
    else if (rc != -MARKET_EBAD_LOGIN)
        logins_undo(auth->logins, key);
    if (rc == 0)
        rc = auth_open_session(auth, person.user, ret_session);
    market_free(person.user);
    return rc;
}
