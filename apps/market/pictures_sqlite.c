/* SPDX-License-Identifier: MIT */
/* pictures_sqlite.c: pictures of articles. A row is never changed: another picture is another row. */
#include "market/db_sqlite.h"
#include "market/picture.h"

#include <sqlite3.h>

/** Drop a picture that no article shows any more. */
static int forget(struct db *db, int64_t picture_id) {
    int rc = db_run(db,
                    "DELETE FROM pictures WHERE id = ?1"
                    " AND NOT EXISTS (SELECT 1 FROM products WHERE picture_id = ?1)",
                    "i", picture_id);
    return rc < 0 ? rc : 0;
}

int db_picture_set(struct db *db, int64_t caller_id, int64_t product_id, const void *bytes, size_t bytes_count,
                   int64_t *ret_picture_id) {
    struct picture picture;
    int64_t before = 0, picture_id;

    int rc = picture_check(bytes, bytes_count, &picture);
    if (rc == 0)
        rc = db_product_check_seller(db, caller_id, product_id);
    if (rc == 0)
        rc = db_number(db, &before, "SELECT ifnull(picture_id, 0) FROM products WHERE id = ?1", "i", product_id);
    if (rc >= 0)
        rc = db_number(db, &picture_id,
                       "INSERT INTO pictures (type, width, height, bytes) VALUES (?1, ?2, ?3, ?4) RETURNING id", "tiib",
                       picture.type, (int64_t)picture.width, (int64_t)picture.height, bytes, bytes_count);
    if (rc >= 0)
        rc = db_run(db, "UPDATE products SET picture_id = ?2 WHERE id = ?1", "ii", product_id, picture_id);
    if (rc >= 0 && before > 0)
        rc = forget(db, before);
    if (rc < 0)
        return rc;
    *ret_picture_id = picture_id;
    return 0;
}

int db_picture_read(struct db *db, int64_t picture_id, int64_t offset, void *buf, size_t buf_bytes) {
    sqlite3_blob *blob = NULL;

    int rc = sqlite3_blob_open(db->sqlite, "main", "pictures", "bytes", picture_id, 0, &blob);
    if (rc == SQLITE_ERROR) {
        sqlite3_blob_close(blob);
        return -MARKET_ENOT_FOUND; /* no such row: the column is always there */
    }
    int count = 0;
    if (rc == SQLITE_OK) {
        int64_t left = sqlite3_blob_bytes(blob) - offset;
        count = left <= 0 ? 0 : left > (int64_t)buf_bytes ? (int)buf_bytes : (int)left;
        rc = count > 0 ? sqlite3_blob_read(blob, buf, count, (int)offset) : SQLITE_OK;
    }
    int failure = rc == SQLITE_OK ? count : db_failed(db, rc, "read a picture");
    sqlite3_blob_close(blob);
    return failure;
}
