/* SPDX-License-Identifier: MIT */
/* weir.h: all of Weir's core, and its HTTP server. */
#ifndef WEIR_WEIR_H
#define WEIR_WEIR_H

#include "weir/base.h"
#include "weir/event.h"
#include "weir/future.h"
#include "weir/group.h"
#include "weir/http_server.h"
#include "weir/mutex.h"
#include "weir/offload.h"
#include "weir/queue.h"
#include "weir/random.h"
#include "weir/runtime.h"
#include "weir/scope.h"
#include "weir/semaphore.h"
#include "weir/signal.h"
#include "weir/stream.h"
#include "weir/task.h"
#include "weir/tcp.h"
#include "weir/unix.h"
#include "weir/wait.h"

#endif
