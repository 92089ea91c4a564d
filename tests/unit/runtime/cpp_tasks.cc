/* SPDX-License-Identifier: MIT */
/* A program in C++ on Weir's headers: tasks that throw and catch, objects whose destructors end scopes and groups. */
#include "cpp_tasks.h"

#include <weir/weir.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

/* Closed on every way out of its block, an exception's too. */
class Group {
  public:
    Group() { weir_group_open(&group); }
    ~Group() {
        if (!is_closed)
            (void)!weir_group_close(&group, -EXDEV); /* whoever leaves by an exception ends the others */
    }
    Group(const Group &) = delete;
    Group &operator=(const Group &) = delete;

    template <typename Function> void spawn(Function &function) {
        weir_spawn(
            &group, [](void *arg) { return (*static_cast<Function *>(arg))(); }, &function, nullptr);
    }
    int close() {
        is_closed = true;
        return weir_group_close(&group, 0);
    }

  private:
    weir_group group;
    bool is_closed = false;
};

class Counted {
  public:
    explicit Counted(int *alive_now) : alive(alive_now) { ++*alive; }
    ~Counted() { --*alive; }
    Counted(const Counted &) = delete;
    Counted &operator=(const Counted &) = delete;

  private:
    int *alive;
};

/* Throws from the depth of a recursion; on the way out every frame's object is destroyed. */
int descend(int depth, int *alive) {
    Counted here(alive);
    if (depth == 0)
        throw std::runtime_error("from the depth of " + std::to_string(*alive));
    return descend(depth - 1, alive) + 1;
}

struct Thrower {
    int depth;

    int operator()() {
        for (int round = 0; round < 20; round++) {
            int alive = 0;
            std::string text;
            try {
                descend(depth, &alive);
            } catch (const std::runtime_error &error) {
                text = error.what(); /* and no wait in here: the thread keeps the list of exceptions that are caught */
            }
            if (alive != 0 || text != "from the depth of " + std::to_string(depth + 1))
                return -EXDEV;
            int rc = round % 2 != 0 ? weir_yield() : weir_sleep((depth + 1) * WEIR_US);
            if (rc < 0)
                return rc;
        }
        return 0;
    }
};

} // namespace

int cpp_throw_and_catch(void *) {
    std::vector<Thrower> throwers;
    Group group;

    for (int depth = 0; depth < 50; depth++)
        throwers.push_back(Thrower{depth});
    for (Thrower &thrower : throwers)
        group.spawn(thrower);
    return group.close();
}

int cpp_leave_by_exception(void *) {
    int sleeping = 0, cancelled = 0;
    auto sleeper = [&] {
        Counted here(&sleeping);
        int rc = weir_sleep(WEIR_HOUR);
        cancelled += rc == -ECANCELED;
        return rc;
    };

    try {
        Group group;
        for (int i = 0; i < 10; i++)
            group.spawn(sleeper);
        if (weir_sleep(WEIR_MS) < 0 || sleeping != 10)
            return -EXDEV;
        throw std::logic_error("enough");
    } catch (const std::logic_error &) {
        if (sleeping != 0 || cancelled != 10)
            return -EXDEV;
    }
    return weir_yield();
}

int cpp_use_everything(void *) {
    std::vector<std::string> words = {"one", "two", "a third that is too long for a small string's own buffer"};
    std::string *slots[2], *word = nullptr;
    std::string sentence;
    weir_queue queue;
    weir_scope scope;

    weir_queue_init(&queue, slots, 2, sizeof slots[0]);
    weir_scope_open(&scope, weir_after(WEIR_SEC));
    auto producer = [&] {
        for (std::string &each : words) {
            std::string *item = &each;
            int rc = weir_queue_put(&queue, &item);
            if (rc < 0)
                return rc;
        }
        weir_queue_close(&queue);
        return 0;
    };
    Group group;
    group.spawn(producer);
    weir_case cases[] = {weir_case_get(&queue, &word), weir_case_at(weir_never())};
    int rc;
    while ((rc = weir_select(cases, 2)) == 0 && cases[0].result > 0)
        sentence += *word + ".";
    if (rc == 0)
        rc = group.close();
    rc = weir_scope_close(&scope, rc);
    weir_queue_done(&queue);
    if (rc == 0 && sentence != "one.two.a third that is too long for a small string's own buffer.")
        return weir_fail(-EXDEV, "got %s", sentence.c_str());
    return rc;
}

int cpp_throw_out(void *) {
    auto thrower = []() -> int { throw std::runtime_error("that nobody catches"); };
    Group group;

    group.spawn(thrower);
    return group.close();
}
