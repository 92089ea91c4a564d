/* SPDX-License-Identifier: MIT */
#include "market/auth.h"
#include "market/logins.h"
#include "place.h"

#include "weir/weir.h"

#include <stdio.h>
#include <string.h>

/* ---- The table of failed logins ---------------------------------------------------------------------------------- */

static weir_instant at(int64_t seconds) { return (weir_instant){seconds * WEIR_SEC}; }

TEST(test_logins_slide) {
    struct logins *logins = logins_new(3, 60 * WEIR_SEC);
    for (int64_t i = 0; i < 3; i++) {
        CHECK_INT(logins_wait(logins, 1, at(10 * i)), 0);
        logins_begin(logins, 1, at(10 * i));
    }
    CHECK_INT(logins_wait(logins, 1, at(30)), 30 * WEIR_SEC); /* until the first is a minute old */
    CHECK_INT(logins_wait(logins, 2, at(30)), 0);
    CHECK_INT(logins_wait(logins, 1, at(60)), 0);
    logins_begin(logins, 1, at(60));
    CHECK_INT(logins_wait(logins, 1, at(60)), 10 * WEIR_SEC);
    logins_forgive(logins, 1);
    CHECK_INT(logins_wait(logins, 1, at(60)), 0);
    logins_free(logins);
}

TEST(test_logins_undo_the_last) {
    struct logins *logins = logins_new(1, 60 * WEIR_SEC);
    logins_begin(logins, 1, at(0));
    logins_undo(logins, 1);
    CHECK_INT(logins_wait(logins, 1, at(0)), 0);
    logins_undo(logins, 1);
    logins_forgive(logins, 1);
    logins_free(logins);
}

TEST(test_logins_forget_the_quietest_when_full) {
    struct logins *logins = logins_new(1, 1000000 * WEIR_SEC);
    for (uint64_t key = 0; key < 100000; key++)
        logins_begin(logins, key, at((int64_t)key));
    CHECK(logins_wait(logins, 99999, at(99999)) > 0);
    CHECK_INT(logins_wait(logins, 0, at(99999)), 0);
    logins_free(logins);
}

/* ---- Accounts ---------------------------------------------------------------------------------------------------- */

static struct store *store;
static struct auth *auth;

static void begin_with(struct auth_options options) {
    struct store_options in = {.size_bytes = sizeof in, .path = place_make()};
    CHECK_INT(store_open(&store, &in), 0);
    options.size_bytes = sizeof options;
    options.pwhash_ops = 1;
    options.pwhash_bytes = 8192;
    CHECK_INT(auth_new(&auth, store, &options), 0);
}

static void begin(void) { begin_with((struct auth_options){.threads = 1}); }

static void finish(void) {
    auth_free(auth);
    CHECK_INT(store_close(store), 0);
    place_remove();
}

TASK_TEST(test_auth_register_log_in_and_out) {
    struct auth_session *session;
    struct market_user *user;
    int64_t id;
    begin();
    CHECK_INT(auth_register(auth, " Ann Lee ", "correct horse", &id, NULL), 0);
    CHECK_INT(auth_login(auth, "ann lee", "correct horse", "127.0.0.1", &session), 0);
    CHECK_INT(session->user.id, id);
    CHECK_STR(session->user.name, "Ann Lee");
    CHECK_INT(strlen(session->token), AUTH_TOKEN_BYTES - 1);
    CHECK_INT(session->expires.ns - weir_wall_now().ns > 6 * 24 * WEIR_HOUR, 1);
    CHECK_INT(auth_find(auth, session->token, &user), 0);
    CHECK_INT(user->id, id);
    CHECK_STR(user->name, "Ann Lee");
    market_free(user);
    CHECK_INT(auth_logout(auth, session->token), 0);
    CHECK_INT(auth_find(auth, session->token, &user), -MARKET_EBAD_LOGIN);
    CHECK_INT(auth_logout(auth, session->token), 0);
    market_free(session);
    finish();
}

TASK_TEST(test_auth_refuses_what_is_no_account) {
    struct auth_session *session;
    struct market_flaw flaw;
    int64_t id;
    begin();
    CHECK_INT(auth_register(auth, "Ann", "short", &id, &flaw), -MARKET_EINVALID);
    CHECK_STR(flaw.field, "password");
    CHECK_INT(auth_register(auth, "", "correct horse", &id, &flaw), -MARKET_EINVALID);
    CHECK_STR(flaw.field, "name");
    CHECK_INT(auth_register(auth, "Ann", "correct horse", &id, &flaw), 0);
    CHECK_INT(auth_register(auth, "ANN", "another horse", &id, &flaw), -MARKET_ENAME_TAKEN);
    CHECK_INT(auth_login(auth, "Ann", "another horse", NULL, &session), -MARKET_EBAD_LOGIN);
    CHECK_INT(auth_login(auth, "Bob", "another horse", NULL, &session), -MARKET_EBAD_LOGIN);
    CHECK_INT(auth_login(auth, NULL, NULL, NULL, &session), -MARKET_EBAD_LOGIN);
    CHECK_INT(auth_login(auth, "Ann", "", NULL, &session), -MARKET_EBAD_LOGIN);
    finish();
}

TASK_TEST(test_auth_tokens_are_all_or_nothing) {
    static const char *const others[] = {NULL,
                                         "",
                                         "x",
                                         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!",
                                         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                         "' OR 1=1 --"};
    struct market_user *user;
    begin();
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        CHECK_INT(auth_find(auth, others[i], &user), -MARKET_EBAD_LOGIN);
    finish();
}

TASK_TEST(test_auth_tokens_expire) {
    struct auth_session *session;
    struct market_user *user;
    int64_t id;
    begin_with((struct auth_options){.threads = 1, .session_time = WEIR_HOUR});
    CHECK_INT(auth_register(auth, "Ann", "correct horse", &id, NULL), 0);
    CHECK_INT(auth_login(auth, "Ann", "correct horse", NULL, &session), 0);
    CHECK_INT(weir_sleep(59 * WEIR_MIN), 0);
    CHECK_INT(auth_find(auth, session->token, &user), 0);
    market_free(user);
    CHECK_INT(weir_sleep(WEIR_MIN), 0);
    CHECK_INT(auth_find(auth, session->token, &user), -MARKET_EBAD_LOGIN);
    market_free(session);
    finish();
}

TASK_TEST(test_auth_nothing_secret_is_stored) {
    struct auth_session *session;
    int64_t id;
    char sql[200];
    begin();
    CHECK_INT(auth_register(auth, "Ann", "correct horse", &id, NULL), 0);
    CHECK_INT(auth_login(auth, "Ann", "correct horse", NULL, &session), 0);
    auth_free(auth);
    CHECK_INT(store_close(store), 0);
    CHECK_INT(place_sql(place_file("market.db"), "SELECT count(*) FROM users WHERE password LIKE '$argon2id$%'"), 1);
    CHECK_INT(place_sql(place_file("market.db"), "SELECT count(*) FROM sessions"), 1);
    CHECK_INT(snprintf(sql, sizeof sql, "SELECT count(*) FROM sessions WHERE instr(token, CAST('%.10s' AS BLOB)) > 0",
                       session->token) > 0,
              1);
    CHECK_INT(place_sql(place_file("market.db"), sql), 0);
    market_free(session);
    place_remove();
}

TASK_TEST(test_auth_limits_failed_logins_of_a_name_from_a_peer) {
    static const char *const spellings[] = {"Ann", "ann", " Ann", "ANN ", "　Ann"};
    struct auth_session *session;
    int64_t id;
    begin_with((struct auth_options){.threads = 1, .failures_max = 5, .failures_time = 10 * WEIR_MIN});
    CHECK_INT(auth_register(auth, "Ann", "correct horse", &id, NULL), 0);
    for (int i = 0; i < 5; i++)
        CHECK_INT(auth_login(auth, spellings[i], "wrong horse", "10.0.0.1", &session), -MARKET_EBAD_LOGIN);
    CHECK_INT(auth_login(auth, "Ann", "correct horse", "10.0.0.1", &session), -MARKET_ETOO_MANY_LOGINS);
    CHECK(auth_retry_after(auth, "Ann", "10.0.0.1") > 9 * WEIR_MIN);
    CHECK_INT(auth_retry_after(auth, "Ann", "10.0.0.2"), 0);
    CHECK_INT(auth_login(auth, "Ann", "correct horse", "10.0.0.2", &session), 0);
    market_free(session);
    CHECK_INT(weir_sleep(10 * WEIR_MIN), 0);
    CHECK_INT(auth_login(auth, "Ann", "correct horse", "10.0.0.1", &session), 0);
    market_free(session);
    finish();
}

struct attempt {
    int rc;
    struct market_flaw flaw;
    char name[32];
};

static int log_in(void *arg) {
    struct attempt *attempt = arg;
    struct auth_session *session;
    attempt->rc = auth_login(auth, attempt->name, "wrong horse", "10.0.0.1", &session);
    return 0;
}

/* Many at once cannot all slip through between the look at the table and the failure. */
TASK_TEST(test_auth_limits_logins_that_come_at_once) {
    struct attempt attempts[30] = {{.rc = 0}};
    unsigned tried = 0;
    weir_group group;
    begin_with((struct auth_options){.threads = 1, .waiting_max = 100, .failures_max = 5});
    weir_group_open(&group);
    for (int i = 0; i < 30; i++) {
        strcpy(attempts[i].name, "Ann");
        CHECK_INT(weir_spawn(&group, log_in, &attempts[i], NULL), 0);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < 30; i++) {
        CHECK(attempts[i].rc == -MARKET_EBAD_LOGIN || attempts[i].rc == -MARKET_ETOO_MANY_LOGINS);
        tried += attempts[i].rc == -MARKET_EBAD_LOGIN;
    }
    CHECK_INT(tried, 5);
    finish();
}

static int sign_up(void *arg) {
    struct attempt *attempt = arg;
    int64_t id;
    attempt->rc = auth_register(auth, attempt->name, "correct horse", &id, &attempt->flaw);
    return 0;
}

static void sign_up_at_once(struct attempt *attempts, unsigned count) {
    weir_group group;
    weir_group_open(&group);
    for (unsigned i = 0; i < count; i++)
        CHECK_INT(weir_spawn(&group, sign_up, &attempts[i], NULL), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST(test_auth_refuses_when_its_line_is_full) {
    struct attempt attempts[20] = {{.rc = 0}};
    unsigned done = 0, busy = 0;
    begin_with((struct auth_options){.threads = 1, .waiting_max = 3});
    for (int i = 0; i < 20; i++)
        snprintf(attempts[i].name, sizeof attempts[i].name, "user %d", i);
    sign_up_at_once(attempts, 20);
    for (int i = 0; i < 20; i++) {
        done += attempts[i].rc == 0;
        busy += attempts[i].rc == -MARKET_EBUSY;
    }
    CHECK_INT(done + busy, 20);
    struct auth_stats stats;
    auth_get_stats(auth, &stats);
    CHECK_INT(stats.hashed, done);
    CHECK_INT(stats.refused, busy);
    CHECK_INT(stats.waiting + stats.running, 0);
    CHECK(done >= 4 && busy >= 1);
    finish();
}

static void check_one_name(void) {
    struct attempt attempts[10] = {{.rc = 0}};
    unsigned done = 0;
    begin();
    for (int i = 0; i < 10; i++)
        strcpy(attempts[i].name, i % 2 == 0 ? "Ann" : "aNN");
    sign_up_at_once(attempts, 10);
    for (int i = 0; i < 10; i++) {
        CHECK(attempts[i].rc == 0 || attempts[i].rc == -MARKET_ENAME_TAKEN);
        done += attempts[i].rc == 0;
    }
    CHECK_INT(done, 1);
    finish();
}

TASK_TEST(test_auth_gives_a_name_once_simulated) { check_one_name(); }
REAL_TEST(test_auth_gives_a_name_once) { check_one_name(); }
