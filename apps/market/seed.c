/* SPDX-License-Identifier: MIT */
/* seed.c: `market seed`: a small catalogue for a first look, each article with a picture that is drawn here. Running it
 * again adds nothing twice: articles are registered under their number in the list below, which is only appended to. */
#include "market/commands.h"
#include "market/import_db.h"
#include "market/seed_picture.h"
#include "market/store_run.h"

#include "weir/weir.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_NAME "seed"
#define SELLER_NAME "Weir & Sons"

static const struct article {
    const char *title, *description;
    int64_t price_minor, stock;
} articles[] = {
    {"Stoneware tea pot, blue glaze",
     "Holds 0.9 l. Thrown by hand, so each one is a little different. The lid stays on.", 3850, 12},
    {"青瓷茶壶", "龙泉青瓷，容量约六百毫升。手工拉坯，釉色温润，附陶瓷滤网。", 4680, 8},
    {"T-light holders, set of three", "Pressed glass in amber, green and smoke. For ordinary tea lights.", 1290, 40},
    {"手工竹编篮", "用三年生毛竹编成，直径三十厘米。盛水果、面包都合适。", 1080, 25},
    {"Merino blanket, herringbone", "Spun and woven from undyed wool. 130 × 180 cm, 950 g.", 11900, 6},
    {"蓝印花布桌布", "手工刮浆印染，一米四见方。初次洗涤会略微褪色。", 1750, 15},
    {"Crème brûlée dishes, pair", "Low and wide, for a thin crust. Safe under a grill and in a dishwasher.", 1850, 30},
    {"白色纯棉T恤", "精梳棉，二百二十克，中性版型。尺码偏大，建议选小一号。", 890, 60},
    {"Brass desk lamp", "Heavy foot, arm of 45 cm, E27 socket. The cable is covered in cotton.", 8400, 9},
    {"小叶紫檀手串", "十五颗，每颗十二毫米，可随手腕调整长度。", 2900, 10},
    {"Oak cutting board", "One piece, no glue. 40 × 28 × 3 cm, oiled with linseed.", 3400, 22},
    {"武夷岩茶 大红袍", "二〇二六年春茶，中火焙制。一百克，锡罐装。", 2090, 35},
    {"Pocket notebook, squared", "96 pages of 90 g paper that takes ink. Lies flat when open.", 690, 120},
    {"毛笔套装", "狼毫、羊毫、兼毫各一支，附竹制笔帘。适合初学书法。", 760, 28},
    {"Enamel mug, white with a blue rim", "Goes into a camp fire and comes out again. 350 ml.", 950, 80},
    {"铸铁煎锅 二十六厘米", "一次铸成，无涂层。首次使用前请用油养锅。", 1550, 14},
    {"Kite, red and yellow", "Ripstop nylon on carbon rods, 1.2 m wide. Flies from a light breeze on; line included.",
     2750, 18},
    {"桂花蜂蜜", "秦岭农家蜂蜜，桂花入味。五百克玻璃瓶装，天冷会结晶。", 580, 45},
    {"Bicycle bell", "Steel, spring-wound, loud. Fits handlebars from 22 to 31.8 mm.", 1480, 55},
    {"丝绸围巾 山水", "真丝斜纹，九十厘米见方，手工卷边。图案取自江南山水。", 4400, 7},
    {"Seeds: meadow flowers", "Forty native species for ten square metres. Sow from March to May.", 580, 200},
    {"手机壳 透明防摔", "四角加厚，支持无线充电。请选择手机型号后下单。", 430, 150},
    {"Wooden train, three wagons", "Beech, painted without solvents. For children from eighteen months on.", 3250, 16},
    {"檀香 线香", "老山檀香，每支可燃四十分钟。一筒五十支。", 980, 33},
};

enum { ARTICLES = sizeof articles / sizeof articles[0] };

/* ---- The catalogue ----------------------------------------------------------------------------------------------- */

static int set_picture(struct db *db, int64_t seller_id, int64_t product_id, unsigned number) {
    unsigned char *bytes;
    size_t count;
    int64_t picture_id;

    int rc = seed_picture_make(number, &bytes, &count);
    if (rc < 0)
        return rc;
    rc = db_picture_set(db, seller_id, product_id, bytes, count, &picture_id);
    free(bytes);
    return rc;
}

/** @return 1 added; 0 it was there */
static int add_article(struct db *db, int64_t seller_id, unsigned number) {
    struct market_offer offer = {articles[number].title, articles[number].description, articles[number].price_minor,
                                 articles[number].stock};
    char id[16];
    int64_t product_id;

    snprintf(id, sizeof id, "%u", number);
    int rc = import_db_find_article(db, SOURCE_NAME, id, &product_id);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = db_product_add(db, seller_id, &offer, &product_id);
    if (rc == 0)
        rc = import_db_register_article(db, SOURCE_NAME, id, 0, product_id);
    if (rc == 0)
        rc = set_picture(db, seller_id, product_id, number);
    return rc < 0 ? rc : 1;
}

/** @return how many were added */
static int add_all(struct db *db, void *arg) {
    int64_t seller_id;
    bool added;
    int count = 0;

    (void)arg;
    int rc = import_db_person(db, SOURCE_NAME, "*shop", SELLER_NAME, 0, &seller_id, &added);
    for (unsigned i = 0; rc >= 0 && i < ARTICLES; i++) {
        rc = add_article(db, seller_id, ARTICLES - 1 - i); /* the first of the list is then the newest, and on top */
        count += rc > 0;
    }
    return rc < 0 ? rc : count;
}

/* ---- The command ------------------------------------------------------------------------------------------------- */

static const char usage[] = "usage: market seed [--db FILE]\n"
                            "\n"
                            "Puts a small catalogue into the database, once.\n"
                            "\n"
                            "  --db FILE  the database; " MARKET_DB_DEFAULT " unless given\n";

static int seed_task(void *arg) {
    const char *const *path = arg;
    struct store_options options = {.size_bytes = sizeof options, .path = *path};
    struct store *store;

    int rc = store_open(&store, &options);
    if (rc < 0)
        return rc;
    rc = store_write(store, add_all, NULL);
    int closed = store_close(store);
    return closed < 0 && rc >= 0 ? closed : rc;
}

/** @return -1 go on; else the exit status */
static int parse(const char **ret_db, int argc, char **argv) {
    static const struct option known[] = {{"help", no_argument, NULL, 'h'}, {"db", required_argument, NULL, 'd'}, {0}};
    int found;

    opterr = 0;
    while ((found = getopt_long(argc, argv, ":h", known, NULL)) == 'd')
        *ret_db = optarg;
    if (found == 'h') {
        fputs(usage, stdout);
        return 0;
    }
    if (found == -1 && optind == argc && **ret_db != '\0')
        return -1;
    fprintf(stderr, "market seed: what is \"%s\"?\n%s", argv[found == -1 && optind < argc ? optind : optind - 1],
            usage);
    return 2;
}

int market_seed(int argc, char **argv) {
    weir_run_options options = {.size_bytes = sizeof options, .stop_on_signals = true};
    const char *db = MARKET_DB_DEFAULT;

    int status = parse(&db, argc, argv);
    if (status >= 0)
        return status;
    int rc = weir_run(seed_task, &db, &options);
    if (rc < 0) {
        fprintf(stderr, "market seed: %s\n", market_error_text(rc));
        return 1;
    }
    printf("%d articles added to %s, %d were there\n", rc, db, ARTICLES - rc);
    return 0;
}
