/* SPDX-License-Identifier: MIT */
/* password_sodium.c: Argon2id and BLAKE2b, by libsodium. */
#include "market/password.h"

#include <sodium.h>

#include <errno.h>
#include <string.h>

_Static_assert(crypto_pwhash_STRBYTES <= PASSWORD_HASH_BYTES, "a hash fits");
_Static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8, "a short digest is 64 bits");

int password_start(void) { return sodium_init() < 0 ? -EIO : 0; }

int password_hash(const char *password, const struct password_cost *cost, char ret_hash[PASSWORD_HASH_BYTES]) {
    char hash[crypto_pwhash_STRBYTES];
    unsigned long long ops = cost->ops != 0 ? cost->ops : crypto_pwhash_OPSLIMIT_INTERACTIVE;
    size_t bytes = cost->bytes != 0 ? cost->bytes : crypto_pwhash_MEMLIMIT_INTERACTIVE;

    if (crypto_pwhash_str_alg(hash, password, strlen(password), ops, bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return -ENOMEM;
    memset(ret_hash, 0, PASSWORD_HASH_BYTES);
    memcpy(ret_hash, hash, sizeof hash);
    return 0;
}

bool password_matches(const char *password, const char hash[PASSWORD_HASH_BYTES]) {
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

void password_digest(const void *bytes, size_t count, unsigned char ret_digest[PASSWORD_DIGEST_BYTES]) {
    crypto_generichash(ret_digest, PASSWORD_DIGEST_BYTES, bytes, count, NULL, 0);
}

unsigned long long password_short_digest(const void *bytes, size_t count, const unsigned char key[16]) {
    unsigned long long digest;
    crypto_shorthash((unsigned char *)&digest, bytes, count, key);
    return digest;
}

void password_forget(void *secret, size_t bytes) { sodium_memzero(secret, bytes); }
