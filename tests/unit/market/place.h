/* SPDX-License-Identifier: MIT */
/* place.h: a folder of its own for a case that needs files, and the people and things that its database begins with. */
#ifndef MARKET_TESTS_PLACE_H
#define MARKET_TESTS_PLACE_H

#include "market/db.h"

#include "support/test.h"

/** Make the folder. @return the path of a database in it that does not exist yet; valid until the process ends */
const char *place_make(void);

/** The path of a file in that folder; overwritten by the next call. */
const char *place_file(const char *name);

/** Remove the folder and all files in it. */
void place_remove(void);

/** Write a file. */
void place_write(const char *path, const void *bytes, size_t count);

/** Run SQL as another program would, without market's code. @return the first number that came, or -1 */
int64_t place_sql(const char *path, const char *sql);

/** Open a writer in a fresh folder with users 1 "Ann" and 2 "Bo". */
struct db *place_db(void);

/** Begin, run one member, commit. @return the member's result, or the commit's failure */
int place_write_one(struct db *db, int (*fn)(struct db *db, void *arg), void *arg);

/** Publish as user 1. @return the id */
int64_t place_add(struct db *db, const char *title, const char *description, int64_t price, int64_t stock);

#endif
