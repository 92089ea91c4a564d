/* SPDX-License-Identifier: MIT */
/* password.h: Argon2id and BLAKE2b, by libsodium. The hashing of passwords takes long and much memory, on purpose: it
 * belongs on a thread.
 *
 * libsodium's hook for randomness is the whole process's, so it is left alone: salts come from the kernel, in a
 * simulated run too, where nothing depends on them. It asks for no clock, socket or file. */
#ifndef MARKET_PASSWORD_H
#define MARKET_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_HASH_BYTES 128 /* of the text, with its NUL */
#define PASSWORD_DIGEST_BYTES 32

/** What a hash costs. */
struct password_cost {
    unsigned long long ops; /* 0: libsodium's for interactive use */
    size_t bytes;           /* likewise */
};

/** Once before all others; again is fine. @return 0; -EIO libsodium cannot be used here */
int password_start(void);

/** Hash for keeping. @return 0; -ENOMEM */
int password_hash(const char *password, const struct password_cost *cost, char ret_hash[PASSWORD_HASH_BYTES]);

/** Whether it is the password of a hash; in constant time as to how much of it is right. */
bool password_matches(const char *password, const char hash[PASSWORD_HASH_BYTES]);

/** A digest of a token, which is random and needs no salt. */
void password_digest(const void *bytes, size_t count, unsigned char ret_digest[PASSWORD_DIGEST_BYTES]);

/** A keyed digest of 64 bits, for tables that strangers fill. */
unsigned long long password_short_digest(const void *bytes, size_t count, const unsigned char key[16]);

/** Overwrite memory that held a secret. */
void password_forget(void *secret, size_t bytes);

#endif
