/* SPDX-License-Identifier: MIT */
/* messages.h: every sentence that a page says, in each language; "{}" stands for an argument (page_message).
 * English and Chinese stand side by side, so that neither is forgotten. */
#ifndef MARKET_WEB_MESSAGES_H
#define MARKET_WEB_MESSAGES_H

#include "market/web/language.h"

/* clang-format off */
#define MESSAGES(X) \
    X(M_NONE, "", "") \
    X(M_SITE_NAME, "Market", "集市") \
    X(M_LANGUAGE_NAME, "English", "中文") \
    X(M_SKIP, "Skip to the content", "跳到正文") \
    X(M_NAV_LABEL, "Main", "主菜单") \
    X(M_SEARCH, "Search", "搜索") \
    X(M_SEARCH_LABEL, "Search the market", "搜索商品") \
    X(M_SEARCH_HINT, "Lamps, tea, 茶杯 …", "灯、茶杯、lamp …") \
    X(M_SELL, "Sell", "出售") \
    X(M_ORDERS, "Orders", "订单") \
    X(M_LOG_IN, "Log in", "登录") \
    X(M_LOG_OUT, "Log out", "退出") \
    X(M_REGISTER, "Register", "注册") \
    X(M_FOOTER, "One good thing at a time, from one person to another.", "人与人之间，一次一件好东西。") \
    X(M_LANGUAGE_LABEL, "Language", "语言") \
    /* The catalogue */ \
    X(M_HOME_TITLE, "What is on sale today", "今日在售") \
    X(M_HOME_HEADING, "Fresh on the stalls", "刚刚上架") \
    X(M_RESULTS_FOR, "Search: {}", "搜索：{}") \
    X(M_ONE_ARTICLE, "{} article", "{} 件商品") \
    X(M_ARTICLES, "{} articles", "{} 件商品") \
    X(M_SORT_LABEL, "Sort by", "排序") \
    X(M_SORT_BEST, "Best match", "最相关") \
    X(M_SORT_NEWEST, "Newest", "最新") \
    X(M_SORT_CHEAP, "Lowest price", "价格最低") \
    X(M_SORT_DEAR, "Highest price", "价格最高") \
    X(M_NO_RESULTS, "Nothing like that on the stalls", "没有找到这样的商品") \
    X(M_NO_RESULTS_TEXT, "Try fewer or shorter words: the beginning of a word is enough.", "试试更少或更短的词，只输入开头也可以。") \
    X(M_EMPTY_MARKET, "The stalls are still empty", "集市上还没有商品") \
    X(M_EMPTY_MARKET_TEXT, "Be the first to put something up for sale.", "来做第一个卖家吧。") \
    X(M_SELL_FIRST, "Sell something", "出售商品") \
    X(M_SHOW_ALL, "See all articles", "浏览全部商品") \
    X(M_PAGER_LABEL, "Pages", "翻页") \
    X(M_PREVIOUS, "Previous", "上一页") \
    X(M_NEXT, "Next", "下一页") \
    X(M_PAGE_OF, "Page {} of {}", "第 {} 页，共 {} 页") \
    /* An article */ \
    X(M_IN_STOCK, "In stock", "有货") \
    X(M_ONLY_LEFT, "Only {} left", "仅剩 {} 件") \
    X(M_SOLD_OUT, "Sold out", "已售罄") \
    X(M_SOLD_OUT_TEXT, "All of these are sold. Perhaps the seller brings more.", "已经全部卖完，也许卖家还会补货。") \
    X(M_WITHDRAWN, "Withdrawn", "已下架") \
    X(M_WITHDRAWN_TEXT, "This article is no longer on sale.", "该商品已下架。") \
    X(M_SOLD_BY, "Sold by {}", "卖家：{}") \
    X(M_PICTURE_OF, "Picture of {}", "{} 的图片") \
    X(M_DESCRIPTION, "Description", "描述") \
    X(M_QUANTITY, "Quantity", "数量") \
    X(M_BUY, "Buy", "购买") \
    X(M_LOG_IN_TO_BUY, "Log in to buy", "登录后购买") \
    X(M_CHANGE_THIS, "Change this article", "修改该商品") \
    /* Selling */ \
    X(M_SELL_TITLE, "Sell something", "出售商品") \
    X(M_CHANGE_TITLE, "Change your article", "修改商品") \
    X(M_TITLE, "Title", "标题") \
    X(M_DESCRIPTION_HINT, "What it is, what state it is in, how it arrives.", "是什么，成色如何，怎样送达。") \
    X(M_PRICE, "Price", "价格") \
    X(M_PRICE_HINT, "In pounds, for one: 12.50", "单价，以英镑计：12.50") \
    X(M_STOCK, "Stock", "库存") \
    X(M_PICTURE, "Picture", "图片") \
    X(M_PICTURE_HINT, "PNG or JPEG, 5 MB at most. You may leave it out.", "PNG 或 JPEG，最大 5 MB，可以不传。") \
    X(M_PUBLISH, "Put on sale", "上架") \
    X(M_SAVE, "Save", "保存") \
    X(M_CHANGE, "Change", "修改") \
    X(M_YOUR_ARTICLES, "Your articles", "我的商品") \
    X(M_NO_ARTICLES, "You have nothing on sale yet.", "您还没有上架商品。") \
    X(M_WITHDRAW, "Withdraw this article", "下架该商品") \
    X(M_WITHDRAW_TEXT, "It leaves the market for good. Orders that were made stay as they are.", \
      "商品将永久下架，已有的订单不受影响。") \
    X(M_WITHDRAW_CONFIRM, "Yes, withdraw it", "确认下架") \
    /* Accounts */ \
    X(M_REGISTER_TITLE, "Make an account", "创建账户") \
    X(M_LOG_IN_TITLE, "Welcome back", "欢迎回来") \
    X(M_NAME, "Name", "用户名") \
    X(M_NAME_HINT, "Buyers and sellers see it.", "买家和卖家都能看到。") \
    X(M_PASSWORD, "Password", "密码") \
    X(M_PASSWORD_HINT, "At least 8 characters.", "至少 8 个字符。") \
    X(M_HAVE_ACCOUNT, "You have an account?", "已有账户？") \
    X(M_NO_ACCOUNT, "New here?", "第一次来？") \
    /* Orders */ \
    X(M_ORDERS_TITLE, "Your orders", "我的订单") \
    X(M_ORDER, "Order", "订单") \
    X(M_ORDER_NUMBER, "Order {}", "订单 {}") \
    X(M_DATE, "Date", "日期") \
    X(M_ARTICLE, "Article", "商品") \
    X(M_EACH, "Each", "单价") \
    X(M_SUM, "Sum", "小计") \
    X(M_TOTAL, "Total", "合计") \
    X(M_STATUS_CONFIRMED, "Confirmed", "已确认") \
    X(M_STATUS_IMPORTED, "From earlier books", "历史订单") \
    X(M_NO_ORDERS, "No orders yet", "还没有订单") \
    X(M_NO_ORDERS_TEXT, "What you buy is listed here.", "您购买的商品会列在这里。") \
    /* Said once, after a redirect; M_NOTICE_FIRST to M_NOTICE_LAST */ \
    X(M_NOTICE_WELCOME, "Welcome to the market. You are logged in.", "欢迎来到集市，您已登录。") \
    X(M_NOTICE_LOGGED_IN, "You are logged in.", "您已登录。") \
    X(M_NOTICE_LOGGED_OUT, "You are logged out.", "您已退出。") \
    X(M_NOTICE_LOGIN_FIRST, "Log in first, then you come straight back.", "请先登录，之后会回到刚才的页面。") \
    X(M_NOTICE_PUBLISHED, "Your article is on sale.", "商品已上架。") \
    X(M_NOTICE_CHANGED, "Saved.", "已保存。") \
    X(M_NOTICE_WITHDRAWN, "The article is withdrawn.", "商品已下架。") \
    X(M_NOTICE_PICTURE, "Saved, but without the picture: it is damaged, or neither PNG nor JPEG.", \
      "已保存，但图片无效：文件损坏，或不是 PNG 或 JPEG。") \
    X(M_NOTICE_BOUGHT, "Thank you. Your order is confirmed.", "谢谢，您的订单已确认。") \
    X(M_NOTICE_BOUGHT_BEFORE, "You have placed this order already; here it is.", "您已经下过这份订单，就是这一份。") \
    /* What is wrong with a form */ \
    X(M_FLAWS, "Please have another look", "请再检查一下") \
    X(M_FLAW_BAD, "This is not acceptable.", "内容无效。") \
    X(M_FLAW_MISSING, "Please fill this in.", "请填写此项。") \
    X(M_FLAW_TOO_SHORT, "At least {} characters.", "至少 {} 个字符。") \
    X(M_FLAW_TOO_LONG, "At most {} characters.", "最多 {} 个字符。") \
    X(M_FLAW_TOO_SMALL, "At least {}.", "不能小于 {}。") \
    X(M_FLAW_TOO_LARGE, "At most {}.", "不能大于 {}。") \
    X(M_FLAW_BAD_CHARACTER, "This holds characters that cannot be shown.", "含有无法显示的字符。") \
    X(M_FLAW_PRICE, "An amount in pounds, such as 12.50.", "请输入以英镑计的金额，例如 12.50。") \
    X(M_FLAW_WHOLE, "A whole number from 0 to {}.", "请输入 0 到 {} 之间的整数。") \
    X(M_FLAW_WHOLE_FROM_ONE, "A whole number, 1 or more.", "请输入不小于 1 的整数。") \
    X(M_FLAW_NAME_TAKEN, "Somebody has this name already.", "该用户名已被使用。") \
    X(M_FLAW_BAD_LOGIN, "The name or the password is wrong.", "用户名或密码不正确。") \
    X(M_FLAW_OUT_OF_STOCK, "There are not as many left.", "库存不足。") \
    X(M_FLAW_PICTURE_TYPE, "The picture must be a sound PNG or JPEG.", "图片必须是完好的 PNG 或 JPEG。") \
    X(M_FLAW_PICTURE_SIZE, "The picture is larger than 5 MB.", "图片超过 5 MB。") \
    /* Pages about failures */ \
    X(M_ERROR_400, "That did not make sense", "无法理解该请求") \
    X(M_ERROR_400_TEXT, "The request was malformed. Go back, and try again.", "请求格式有误，请返回重试。") \
    X(M_ERROR_401, "Log in first", "请先登录") \
    X(M_ERROR_401_TEXT, "This is for people who are logged in.", "此页面需要登录。") \
    X(M_ERROR_403, "Not yours to change", "没有权限") \
    X(M_ERROR_NOT_YOURS, "This belongs to somebody else.", "这是别人的东西。") \
    X(M_ERROR_ORIGIN_TEXT, "The request came from another site, so it was refused.", "请求来自其他网站，已被拒绝。") \
    X(M_ERROR_404, "This stall is empty", "这个摊位是空的") \
    X(M_ERROR_404_TEXT, "There is nothing at this address, or not any more.", "这个地址没有内容，或者已经不在了。") \
    X(M_ERROR_405, "Not like this", "不支持该操作") \
    X(M_ERROR_405_TEXT, "This address does not take that kind of request.", "该地址不支持这种请求方式。") \
    X(M_ERROR_408, "That took too long", "请求超时") \
    X(M_ERROR_408_TEXT, "The request did not arrive in time. Try again.", "请求未能及时到达，请重试。") \
    X(M_ERROR_409, "Somebody was faster", "发生冲突") \
    X(M_ERROR_KEY_REUSED, "This form was sent before with other values. Go back to the article, and buy again.", \
      "该表单曾以不同内容提交过，请回到商品页重新购买。") \
    X(M_ERROR_413, "Too large", "内容过大") \
    X(M_ERROR_413_TEXT, "A picture may have 5 MB at most, everything else much less.", "图片最大 5 MB，其他内容要小得多。") \
    X(M_ERROR_414, "The address is too long", "地址过长") \
    X(M_ERROR_414_TEXT, "Nothing on the market has so long an address.", "集市上没有这么长的地址。") \
    X(M_ERROR_415, "Not this kind", "类型不支持") \
    X(M_ERROR_422, "Please have another look", "请再检查一下") \
    X(M_ERROR_422_TEXT, "A field is missing or not acceptable.", "有字段缺失或无效。") \
    X(M_ERROR_429, "Slow down a little", "请稍候") \
    X(M_ERROR_429_TEXT, "Too many failed attempts. Wait a few minutes, then try again.", "失败次数过多，请过几分钟再试。") \
    X(M_ERROR_431, "Too many headers", "请求头过大") \
    X(M_ERROR_431_TEXT, "The browser sent more headers than fit. Deleting its cookies may help.", \
      "浏览器发送的请求头过大，清除 Cookie 可能有帮助。") \
    X(M_ERROR_500, "Something broke here", "服务器出错了") \
    X(M_ERROR_500_TEXT, "It was our fault, not yours. Try again in a moment.", "这是我们的问题，请稍后再试。") \
    X(M_ERROR_503, "The market is crowded", "集市太拥挤了") \
    X(M_ERROR_503_TEXT, "Too many people at once. Try again in a few seconds.", "现在人太多了，请过几秒再试。") \
    X(M_ERROR_507, "The store room is full", "仓库满了") \
    X(M_ERROR_507_TEXT, "Nothing can be written at the moment; nothing was changed.", "暂时无法写入，没有任何改动。")
/* clang-format on */

#define MESSAGE_ID(id, english, chinese) id,

enum message {
    MESSAGES(MESSAGE_ID) M_COUNT,
    M_NOTICE_FIRST = M_NOTICE_WELCOME,
    M_NOTICE_LAST = M_NOTICE_BOUGHT_BEFORE
};

#undef MESSAGE_ID

/** Never NULL. */
const char *message_text(enum message message, enum language language);

#endif
