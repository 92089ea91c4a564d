/* SPDX-License-Identifier: MIT */
/* The event-driven style: one task selects over sockets and a timer, and dispatches.
 *
 * Three sensors connect over TCP and send lines, each at its own pace. They could have a task each; here one task looks
 * after all of them, as in a classic event loop, yet without callbacks: the state is in local variables, the order of
 * things is that of the code. */
#include <weir/weir.h>

#include <stdio.h>

enum { SENSORS = 3, READINGS = 4 };

struct sensor {
    const char *address;
    int id;
};

/* The other side: sends `READINGS` lines, then hangs up. */
static int sense(void *arg) {
    const struct sensor *me = arg;
    weir_stream *stream;
    char line[32];

    int rc = weir_tcp_connect(&stream, me->address);
    if (rc < 0)
        return rc;
    for (int i = 1; i <= READINGS && rc == 0; i++) {
        int bytes = snprintf(line, sizeof line, "sensor %d: reading %d\n", me->id, i);
        rc = weir_stream_write_all(stream, line, (size_t)bytes, NULL);
        if (rc == 0)
            rc = weir_sleep(me->id * 15 * WEIR_MS);
    }
    if (rc == 0)
        rc = weir_stream_close(stream); /* in good order: the other side reads all, then the end */
    weir_stream_free(stream);
    return rc;
}

/* @return 1 a line was printed; 0 the sensor has hung up; < 0 */
static int on_readable(weir_stream *stream) {
    char line[64];

    int rc = weir_stream_read_until(stream, line, sizeof line, "\n");
    if (rc > 0)
        fputs(line, stdout);
    return rc > 0 ? 1 : rc;
}

static int dispatch(weir_stream *streams[SENSORS]) {
    enum { TICK = SENSORS, CASES };
    weir_instant tick = weir_after(25 * WEIR_MS);
    bool open[SENSORS] = {true, true, true};
    int left = SENSORS, ticks = 0;

    while (left > 0) {
        weir_case cases[CASES] = {[TICK] = weir_case_at(tick)};
        for (int i = 0; i < SENSORS; i++)
            if (open[i])
                cases[i] = weir_case_readable(streams[i]); /* else zeroed: an arm that is switched off */

        int which = weir_select(cases, CASES);
        if (which < 0)
            return which;
        if (which == TICK) {
            ticks++;
            tick = weir_instant_add(tick, 25 * WEIR_MS); /* steady: from the last one, not from now */
            continue;
        }
        int rc = on_readable(streams[which]);
        if (rc < 0)
            return rc;
        if (rc == 0) {
            open[which] = false;
            left--;
        }
    }
    printf("all sensors have hung up, %s\n", ticks > 0 ? "the clock ticked" : "the clock stood still");
    return 0;
}

static int accept_and_dispatch(weir_listener *listener) {
    weir_stream *streams[SENSORS] = {NULL};
    int rc = 0;

    for (int i = 0; i < SENSORS && rc == 0; i++)
        rc = weir_listener_accept(listener, &streams[i]);
    if (rc == 0)
        rc = dispatch(streams);
    for (int i = 0; i < SENSORS; i++)
        weir_stream_free(streams[i]);
    return rc;
}

static int main_task(void *arg) {
    struct sensor sensors[SENSORS];
    weir_listener *listener;
    weir_group group;
    (void)arg;

    int rc = weir_tcp_listen(&listener, "127.0.0.1:0");
    if (rc < 0)
        return rc;

    weir_group_open(&group);
    for (int i = 0; i < SENSORS; i++) {
        sensors[i] = (struct sensor){weir_listener_address(listener), i + 1};
        weir_spawn(&group, sense, &sensors[i], NULL);
    }
    rc = accept_and_dispatch(listener);
    rc = weir_group_close(&group, rc);
    weir_listener_free(listener);
    return rc;
}

int main(void) {
    int rc = weir_run(main_task, NULL, NULL);
    if (rc < 0)
        fprintf(stderr, "events: %s\n", weir_error_text(rc));
    return rc < 0;
}
